/** Longest value that a column takes: callers choose some of these texts, and the log must not grow at their will. */
const LONGEST = 512
const TOKEN = /hp_pat_[A-Za-z0-9]{20,}|sess_[A-Za-z0-9_-]{40,}/g

/**
 * A text as the log keeps it: cut to size, without control characters that could forge lines in an export or a terminal,
 * and without any token of ours that a caller put into a path or a name.
 */
export function cleanText(text: string): string {
  let clean = text.slice(0, 2 * LONGEST)
  // Before the text is cut to size: half a token at the end would not be known as one.
  if (clean.includes('hp_pat_') || clean.includes('sess_')) clean = clean.replace(TOKEN, (token) => `${token.slice(0, token.startsWith('hp') ? 7 : 5)}[cut]`)
  if (clean.length > LONGEST || text.length > 2 * LONGEST) clean = `${clean.slice(0, LONGEST)}…`
  // eslint-disable-next-line no-control-regex -- control characters are what must go
  return clean.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '�').toWellFormed()
}

export function cleanOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : cleanText(text)
}
