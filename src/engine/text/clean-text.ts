/** Longest value that a column takes: callers choose some of these texts, and the log must not grow at their will. */
const LONGEST = 512
const TOKEN = /hp_pat_[A-Za-z0-9]{20,}|sess_[A-Za-z0-9_-]{40,}/g

/**
 * A text as the log keeps it: cut to size, without control characters that could forge lines in an export or a terminal, without
 * hidden ones and those that turn the direction, which could make one name pose as another, and without any token of ours that a
 * caller put into a path or a name.
 */
export function cleanText(text: string): string {
  let clean = text.slice(0, 2 * LONGEST)
  // Before the text is cut to size: half a token at the end would not be known as one.
  if (clean.includes('hp_pat_') || clean.includes('sess_'))
    clean = clean.replace(TOKEN, (token) => `${token.slice(0, token.startsWith('hp') ? 7 : 5)}[cut]`)
  if (clean.length > LONGEST || text.length > 2 * LONGEST) clean = `${clean.slice(0, LONGEST)}…`
  return clean.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '�').toWellFormed()
}

export function cleanOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : cleanText(text)
}
