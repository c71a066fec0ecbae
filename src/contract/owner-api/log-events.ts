import type { RequestRecord } from '../records.ts'

/**
 * Requests that started or ended within a moment. `rows` is a JSON array of records as text, because one text serves all
 * readers. `skipped` counts requests that the reader was too slow for; the log has them.
 */
export interface LogEvent {
  rows: string
  skipped: number
}

/** Returns the records of an event, oldest first. */
export function rowsOf({ rows }: LogEvent): RequestRecord[] {
  return JSON.parse(rows) as RequestRecord[]
}

/** Yields the records of all events. */
export async function* eachRow(events: AsyncIterable<LogEvent>): AsyncGenerator<RequestRecord, void> {
  for await (const event of events) yield* rowsOf(event)
}
