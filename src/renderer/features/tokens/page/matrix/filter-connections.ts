import type { Grant } from '../../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'

/** Returns the connections whose name contains the search, in any case. With `held`, only those that one of its grants names. */
export function filterConnections(
  connections: readonly ConnectionRecord[],
  search: string,
  held: readonly Grant[] | null,
): ConnectionRecord[] {
  const text = search.trim().toLowerCase()
  const names = held === null ? null : new Set(held.map(({ connection }) => connection))
  return connections.filter(({ name }) => name.toLowerCase().includes(text) && names?.has(name) !== false)
}
