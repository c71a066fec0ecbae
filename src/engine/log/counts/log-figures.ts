import type { RequestFilter } from '../../../contract/owner-api/requests-api.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import type { RequestQuery, RequestStore } from '../../store/requests/request-store.ts'
import type { RequestHistory } from '../request-log.ts'
import { timesOf } from '../time-range.ts'
import { searchSummary } from './search-summary.ts'
import { summarise } from './summarise.ts'
import { topRequests } from './top-requests.ts'

interface LogFigures {
  requests: RequestStore
  /** Counts what has ended so far and returns the time. */
  countedNow: () => number
  get: (id: number) => Promise<RequestRecord | null>
  readFilter: (filter: RequestFilter) => RequestQuery
}

/** The figures of a log: from the stored counts where they cover the filter, else from the rows. */
export function logFigures({
  requests,
  countedNow,
  get,
  readFilter,
}: LogFigures): Pick<RequestHistory, 'summary' | 'top'> {
  /** When the oldest request started, and a moment ago if there is none. */
  async function oldestTime(now: number): Promise<string> {
    const ends = await requests.requestEnds()
    const oldest = ends === null ? null : await requests.request(ends.first_id)
    return new Date(Math.min(oldest === null ? now : Date.parse(oldest.time), now - 1)).toISOString()
  }

  return {
    async summary({ since, until, steps, timeZone, ...filter }) {
      const now = countedNow()
      const times = { ...timesOf({ since: since ?? (await oldestTime(now)), until }, now), steps, timeZone }
      const { project, connection, ...others } = filter
      if (typeof connection !== 'object' && Object.values(others).every((value) => value === undefined))
        return summarise(requests, now, { project, connection, ...times })
      return searchSummary(requests, now, readFilter(filter), times)
    },
    async top({ since, until, ...query }) {
      const now = countedNow()
      return topRequests(requests, get, now, { ...query, ...timesOf({ since, until }, now) })
    },
  }
}
