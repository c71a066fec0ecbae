import { maskTokens } from './token-format.ts'
import { printable } from './visible-text.ts'

/** Callers choose some of the texts in the log, so each column has a maximum length. */
const MAX_LENGTH = 512

/**
 * Returns a caller's text for the log: truncated, with our tokens masked, and without control or hidden characters,
 * which could forge lines of an export or make names look alike.
 */
export function cleanText(text: string, maxLength = MAX_LENGTH): string {
  // Masks before it cuts, because half a token isn't recognized as one.
  let clean = maskTokens(text.slice(0, 2 * maxLength + 128))
  if (clean.length > maxLength) clean = `${clean.slice(0, maxLength)}…`
  return printable(clean)
}

export function cleanOrNull(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : cleanText(text)
}
