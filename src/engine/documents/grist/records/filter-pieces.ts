import type { MethodFields } from '../../../../contract/methods/document-methods.ts'
import { HallpassError, invalidRequest } from '../../../../contract/errors.ts'
import type { CallContext } from '../../document-connector.ts'
import type { GristClient } from '../grist-client.ts'
import { listIn, type GristRecord } from './grist-records.ts'
import { recordsRequest } from './read-requests.ts'

/** Returns whether a server before 1.7.14 got a filter as a body, which only later versions accept. */
export function needsPieces(request: { method: string }, error: unknown): boolean {
  return request.method === 'POST' && error instanceof HallpassError && error.reason === 'unknown_path'
}

/**
 * Reads records with a filter that is too long for a URL, in several requests with some values of the longest list
 * each. A record has one value per column, so no two requests return the same record.
 */
export async function readInPieces(
  client: GristClient,
  fields: MethodFields<'get_records'>,
  context: CallContext,
): Promise<GristRecord[]> {
  const { table, filter = {}, sort, limit, offset = 0 } = fields
  if (sort !== undefined)
    throw invalidRequest(
      'This Grist server is older than 1.7.14 and can\'t sort with a filter this long. Leave out "sort", or use fewer values.',
      'filter',
    )
  const [column = '', values = []] = Object.entries(filter)
    .map(([name, given]): [string, unknown[]] => [name, Array.isArray(given) ? given : [given]])
    .reduce((longest, one) => (one[1].length > longest[1].length ? one : longest))
  const fits = (some: unknown[]): boolean =>
    recordsRequest({ table, filter: { ...filter, [column]: some } }).method === 'GET'
  const found: GristRecord[] = []
  const unique = [...new Set(values)]
  for (let from = 0; from < unique.length;) {
    let count = unique.length - from
    while (count > 0 && !fits(unique.slice(from, from + count))) count = Math.floor(count / 2)
    if (count === 0) throw invalidRequest('The filter is too long for this Grist server. Use fewer values.', 'filter')
    const piece = { ...filter, [column]: unique.slice(from, from + count) }
    found.push(...listIn<GristRecord>(await client.need(recordsRequest({ table, filter: piece }), context), 'records'))
    from += count
  }
  found.sort((a, b) => Number(a.id) - Number(b.id))
  return limit === undefined ? found : found.slice(0, offset + limit)
}
