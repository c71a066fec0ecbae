/** One record to write, as the text for the request. */
export interface WriteItem {
  /** Its position in the list (from 0), or its line in the stream. */
  place: number
  /** The record's set of columns. Records of different shapes can't share a request. */
  shape: string
  text: string
  bytes: number
  columns: string[]
  id: number | null
}

/** `{"records":[` and `]}`. */
const WRAPPING_BYTES = 14

export function writeItem(place: number, fields: Record<string, unknown>, id: number | null): WriteItem {
  const columns = Object.keys(fields)
  const text = id === null ? `{"fields":${JSON.stringify(fields)}}` : `{"id":${id},"fields":${JSON.stringify(fields)}}`
  const shape = columns.length < 2 ? (columns[0] ?? '') : JSON.stringify(columns.toSorted())
  return { place, shape, text, bytes: Buffer.byteLength(text), columns, id }
}

export function fits(item: { bytes: number }, bodyBytes: number): boolean {
  return item.bytes + WRAPPING_BYTES <= bodyBytes
}

/**
 * Groups items into requests by shape, each at most `bodyBytes` and `rows` long. In a mixed request Grist would store null for a
 * missing key, and it rejects mixed updates. The order is kept within each shape.
 */
export function requestsOf<T extends { shape: string; bytes: number }>(
  items: Iterable<T>,
  { bodyBytes, rows }: { bodyBytes: number; rows: number },
): T[][] {
  const requests: T[][] = []
  const filling = new Map<string, { items: T[]; bytes: number }>()
  for (const item of items) {
    let current = filling.get(item.shape)
    // One more byte for the comma.
    if (current === undefined || current.items.length >= rows || current.bytes + item.bytes + 1 > bodyBytes) {
      current = { items: [], bytes: WRAPPING_BYTES - 1 }
      filling.set(item.shape, current)
      requests.push(current.items)
    }
    current.items.push(item)
    current.bytes += item.bytes + 1
  }
  return requests
}

export function bodyOf(items: WriteItem[]): string {
  return `{"records":[${items.map(({ text }) => text).join(',')}]}`
}

/** Returns numbers as ranges, for example `0–4, 7`. */
export function ranges(numbers: number[], max = 8): string {
  const sorted = numbers.toSorted((a, b) => a - b)
  const runs: [number, number][] = []
  for (const number of sorted) {
    const last = runs.at(-1)
    if (last !== undefined && number <= last[1] + 1) last[1] = number
    else runs.push([number, number])
  }
  const shown = runs.slice(0, max).map(([from, to]) => (from === to ? String(from) : `${from}–${to}`))
  return shown.join(', ') + (runs.length > max ? ', …' : '')
}
