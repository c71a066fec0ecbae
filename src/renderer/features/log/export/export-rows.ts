import type { RequestFilter } from '../../../../contract/owner-api/requests-api.ts'

export type ExportFormat = 'jsonl' | 'csv'
/** The engine's export: pieces of one text, with the number of rows so far. */
export type ExportCall = (
  chosen: RequestFilter & { format: ExportFormat },
  options: { signal: AbortSignal },
) => Promise<AsyncIterable<{ text: string; rows: number }>>

/** Pieces are combined into blobs of this many characters, which browsers store outside the page's memory. */
const LUMP = 4_000_000

/** Collects the selected rows into a file's content. `onRows` receives the number of rows so far. */
export async function collectExport(
  exported: ExportCall,
  filter: RequestFilter,
  format: ExportFormat,
  signal: AbortSignal,
  onRows: (rows: number) => void,
): Promise<{ content: Blob; rows: number }> {
  const type = format === 'csv' ? 'text/csv' : 'application/jsonl'
  let lumps: Blob[] = []
  let pieces: string[] = []
  let length = 0
  let total = 0
  for await (const { text, rows } of await exported({ ...filter, format }, { signal })) {
    signal.throwIfAborted()
    pieces.push(text)
    length += text.length
    total = rows
    onRows(rows)
    if (length < LUMP) continue
    lumps = [new Blob([...lumps, ...pieces])]
    pieces = []
    length = 0
  }
  signal.throwIfAborted()
  return { content: new Blob([...lumps, ...pieces], { type }), rows: total }
}

/** Returns a name with the local date, such as `hallpass-sales-2026-11-21.csv`. */
export function exportName(project: string | undefined, format: ExportFormat, now: Date): string {
  const day = [now.getFullYear(), now.getMonth() + 1, now.getDate()]
    .map((part) => String(part).padStart(2, '0'))
    .join('-')
  return `hallpass-${project === undefined ? 'log' : `${project}-log`}-${day}.${format}`
}
