/** Longer lists come in pages; many clients read the first page only, so it is a long one. */
export const PAGE_LENGTH = 1000

/** One page of a list, and the cursor of the next. Null for a cursor that is none of ours. */
export function pageOf<T>(list: readonly T[], cursor: string | undefined): { page: T[]; nextCursor?: string } | null {
  const from = cursor === undefined ? 0 : offsetOf(cursor)
  if (from === null) return null
  const until = from + PAGE_LENGTH
  const page = list.slice(from, until)
  return until < list.length ? { page, nextCursor: cursorOf(until) } : { page }
}

/** A number into the caller's own list, and nothing else: it tells no name, and altered it leads to no other list. */
function cursorOf(offset: number): string {
  return Buffer.from(`from:${offset}`).toString('base64url')
}

function offsetOf(cursor: string): number | null {
  const [, digits] = /^from:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return digits === undefined || cursorOf(Number(digits)) !== cursor ? null : Number(digits)
}
