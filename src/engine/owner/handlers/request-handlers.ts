import { setImmediate as turn } from 'node:timers/promises'
import { HallpassError } from '../../../contract/errors.ts'
import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import type { RequestHistory } from '../../log/request-log.ts'
import { signalOf, type OwnerDesk } from '../owner-implementer.ts'

export function requestHandlers({ os, parts, crossing }: OwnerDesk) {
  const { log } = parts
  return {
    list: os.requests.list.handler(({ input, signal }) => listInTurns(log, input, signalOf(signal))),
    follow: os.requests.follow.handler(({ input, signal }) =>
      crossing(log.follow(input, signalOf(signal))[Symbol.asyncIterator]()),
    ),
    get: os.requests.get.handler(({ input }) => {
      const row = log.get(input.id)
      if (row === null)
        throw new HallpassError(
          'INVALID_REQUEST',
          `id: the log has no row ${input.id}; rows are deleted when they are too old or too many.`,
        )
      return row
    }),
    bounds: os.requests.bounds.handler(() => log.bounds()),
    scan: os.requests.scan.handler(({ input }) => log.scan(input)),
    summary: os.requests.summary.handler(({ input }) => log.summary(input)),
    export: os.requests.export.handler(({ input: { format, ...selection }, signal }) =>
      crossing(log.export(selection, format, signalOf(signal))),
    ),
  }
}

/** A list whose matches are rare is a search through the whole log: requests are served in between. */
async function listInTurns(log: RequestHistory, filter: RequestFilter, signal: AbortSignal): Promise<RequestRecord[]> {
  const limit = filter.limit ?? 100
  const rows: RequestRecord[] = []
  let before = filter.before_id
  for (;;) {
    const page = log.scan({
      ...filter,
      limit: limit - rows.length,
      ...(before === undefined ? {} : { before_id: before }),
    })
    rows.push(...page.rows)
    if (rows.length >= limit || page.next_before_id === null) return rows.slice(0, limit)
    before = page.next_before_id
    await turn()
    if (signal.aborted) return rows
  }
}
