import { invalidRequest } from '../../../contract/errors.ts'
import { signalOf, type OwnerDesk } from '../owner-implementer.ts'

export function requestHandlers({ os, parts, crossing }: OwnerDesk) {
  const { log } = parts
  return {
    list: os.requests.list.handler(({ input }) => log.list(input)),
    follow: os.requests.follow.handler(({ input, signal }) => crossing(log.follow(input, signalOf(signal)))),
    get: os.requests.get.handler(async ({ input }) => {
      const row = await log.get(input.id)
      if (row === null) throw invalidRequest(`Request ${input.id} is no longer in the log.`, 'id')
      return row
    }),
    payload: os.requests.payload.handler(({ input }) => parts.payloads.read(input.id)),
    bounds: os.requests.bounds.handler(() => log.bounds()),
    scan: os.requests.scan.handler(({ input }) => log.scan(input)),
    summary: os.requests.summary.handler(async ({ input: { time_zone: timeZone, ...query } }) => {
      const summary = await log.summary({ ...query, timeZone })
      return { ...summary, pauses: parts.access.pausesWithin(Date.parse(summary.from), Date.parse(summary.to)) }
    }),
    top: os.requests.top.handler(({ input: { time_zone: timeZone, ...query } }) => log.top({ ...query, timeZone })),
    active: os.requests.active.handler(() => log.activeCallers()),
    export: os.requests.export.handler(({ input: { format, ...selection }, signal }) =>
      crossing(log.export(selection, format, signalOf(signal))),
    ),
    verify: os.requests.verify.handler(({ signal }) => crossing(log.verify(signalOf(signal)))),
  }
}
