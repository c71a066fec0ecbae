import { HallpassError } from '../../../contract/errors.ts'
import { signalOf, type OwnerDesk } from '../owner-implementer.ts'

export function requestHandlers({ os, parts, crossing }: OwnerDesk) {
  const { log } = parts
  return {
    list: os.requests.list.handler(({ input }) => log.list(input)),
    follow: os.requests.follow.handler(({ input, signal }) => crossing(log.follow(input, signalOf(signal))[Symbol.asyncIterator]())),
    get: os.requests.get.handler(({ input }) => {
      const row = log.get(input.id)
      if (row === null) throw new HallpassError('INVALID_REQUEST', `id: the log has no row ${input.id}; rows are deleted when they are too old or too many.`)
      return row
    }),
    bounds: os.requests.bounds.handler(() => log.bounds()),
    scan: os.requests.scan.handler(({ input }) => log.scan(input)),
    summary: os.requests.summary.handler(({ input }) => log.summary(input)),
    export: os.requests.export.handler(({ input: { format, ...selection }, signal }) => crossing(log.export(selection, format, signalOf(signal)))),
  }
}
