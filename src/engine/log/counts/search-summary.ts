import type { RequestSummary } from '../../../contract/request-counts.ts'
import type { RequestQuery, RequestStore } from '../../store/requests/request-store.ts'
import { instant, summaryOf, summarySteps, type SummaryQuery } from './summarise.ts'

/** A search returns what it has counted after this long. */
const BUDGET_MS = 800

/** Counts the matches of any filter by searching the log backward. */
export async function searchSummary(
  requests: Pick<RequestStore, 'tally' | 'idsWithin'>,
  now: number,
  filter: RequestQuery,
  times: Omit<SummaryQuery, 'project' | 'connection'>,
): Promise<RequestSummary> {
  const steps = summarySteps(now, times)
  const { range, bounds } = steps
  const query = { ...filter, since_ms: range.from, until_ms: range.to }
  const ids = await requests.idsWithin(range.from, range.to)
  const { steps: tallies, reached } = await requests.tally({
    query: { ...query, before_id: ids.to + 1 },
    starts: bounds,
    to: range.to,
    from: ids.from,
    budgetMs: BUDGET_MS,
  })
  const summary = summaryOf(steps, tallies)
  return { ...summary, from: instant(reached ?? range.from), previous: null, complete: reached === null }
}
