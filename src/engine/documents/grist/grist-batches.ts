/** One record to write, as the text that goes into the request. */
export interface WriteItem {
  /** Its place in the call: position in the list (from 0), or line of the stream. */
  place: number
  /** Records of different shapes do not share a request. */
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
 * Sorts items into requests: by shape (Grist would store null where a record of a mixed request lacks a key, and refuses
 * mixed changes), each at most `bodyBytes` and `rows` long. The order is kept inside each shape.
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

/** `0–4, 7` of rising numbers. */
export function ranges(numbers: number[], most = 8): string {
  const sorted = numbers.toSorted((a, b) => a - b)
  const runs: [number, number][] = []
  for (const number of sorted) {
    const last = runs.at(-1)
    if (last !== undefined && number <= last[1] + 1) last[1] = number
    else runs.push([number, number])
  }
  const shown = runs.slice(0, most).map(([from, to]) => (from === to ? String(from) : `${from}–${to}`))
  return shown.join(', ') + (runs.length > most ? ', …' : '')
}
