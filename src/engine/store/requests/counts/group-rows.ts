import type { CountedRow } from './request-counts.ts'
import { COUNT_LEVELS } from './count-levels.ts'
import { addToHistogram, bucketOf, type DurationHistogram } from './duration-histogram.ts'
import type { KeyedRow } from './request-key-counts.ts'

/** Requests that count for the same names in the same minute. `id` is the newest of them. */
interface RowGroup extends KeyedRow {
  requests: number
  durations: DurationHistogram
  ours: DurationHistogram
}

/** A row is compared with this many groups before it starts a new one. Equal groups are added up later. */
const MAX_COMPARED = 8

/** Groups rows, because neighbors are mostly equal and counting a group costs as much as counting a row. */
export function groupRows(rows: readonly CountedRow[]): RowGroup[] {
  const groups: RowGroup[] = []
  const step = COUNT_LEVELS[0]?.ms ?? 1
  for (const row of rows) {
    const time = Math.floor(row.time / step) * step
    let group: RowGroup | undefined
    for (let at = groups.length - 1; at >= 0 && at >= groups.length - MAX_COMPARED && group === undefined; at -= 1)
      if (isAlike(groups[at], row, time)) group = groups[at]
    if (group === undefined) {
      const { id, project, connection, token, token_kind, parent, client, method, transport, cause, status } = row
      const names = { project, connection, token, token_kind, parent, client, method, transport, cause, status }
      group = { ...names, id, time, requests: 0, durations: new Map(), ours: new Map() }
      groups.push(group)
    }
    group.requests += 1
    group.id = Math.max(group.id, row.id)
    if (row.duration_ms !== null) addToHistogram(group.durations, bucketOf(row.duration_ms), 1)
    if (row.ours_ms !== null) addToHistogram(group.ours, bucketOf(row.ours_ms), 1)
  }
  return groups
}

function isAlike(group: RowGroup | undefined, row: CountedRow, time: number): boolean {
  return (
    group !== undefined &&
    group.time === time &&
    group.status === row.status &&
    group.connection === row.connection &&
    group.method === row.method &&
    group.token_kind === row.token_kind &&
    (group.parent ?? group.token) === (row.parent ?? row.token) &&
    group.project === row.project &&
    group.client === row.client &&
    group.transport === row.transport &&
    group.cause === row.cause
  )
}
