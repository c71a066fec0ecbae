/** Longer lists are split into pages. Many clients read only the first page, so pages are long. */
const PAGE_LENGTH = 1000

/** Returns one page of a list and the cursor of the next, or null for an invalid cursor. */
export function pageOf<T>(list: readonly T[], cursor: string | undefined): { page: T[]; nextCursor?: string } | null {
  const from = cursor === undefined ? 0 : offsetOf(cursor)
  if (from === null) return null
  const until = from + PAGE_LENGTH
  const page = list.slice(from, until)
  return until < list.length ? { page, nextCursor: cursorOf(until) } : { page }
}

/** A cursor is only an offset into the caller's own list, so altering it reveals nothing. */
function cursorOf(offset: number): string {
  return Buffer.from(`from:${offset}`).toString('base64url')
}

function offsetOf(cursor: string): number | null {
  const [, digits] = /^from:(\d{1,9})$/.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return digits === undefined || cursorOf(Number(digits)) !== cursor ? null : Number(digits)
}
