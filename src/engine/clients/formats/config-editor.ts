/**
 * Edits text of one format in place, so that everything else keeps every byte. `key` is the top-level key of the
 * servers. Throws SyntaxError for invalid text, and UneditableText for text that can't be edited safely.
 */
export interface ConfigEditor {
  /** Returns the text as plain data. The root is an object, and an empty text is an empty object. */
  parse(text: string): Record<string, unknown>
  put(text: string, key: string, name: string, entry: Record<string, unknown>): string
  /** The entry must exist. */
  remove(text: string, key: string, name: string): string
  /** Returns the text with all values and comments hidden. The entry is shown only if `showEntry`. */
  mask(text: string, key: string, name: string, showEntry: boolean): string
}

/** The text is valid but can't be edited safely. The message explains why. */
export class UneditableText extends Error {}

export const HIDDEN = '…'

/** Returns the line ending of the text, taken from its first line. */
export function endOfLine(text: string): '\r\n' | '\n' {
  return /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n'
}

/** Returns the start of the line that contains the offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** Returns the end of the line that contains the offset, including its line ending. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset)
  return found === -1 ? text.length : found + 1
}

/**
 * Returns the end of the lines from `start` to `end` without trailing comments and blank lines, which belong to what
 * follows.
 */
export function contentEnd(text: string, start: number, end: number): number {
  let at = end
  for (;;) {
    const line = lineStart(text, at - 1)
    if (line <= start || !/^\s*(?:#.*)?\s*$/.test(text.slice(line, at))) return at
    at = line
  }
}

/**
 * Shows the given span, and of the rest only its structure. A span that contains a comment is hidden too, because the
 * comment could quote a secret.
 */
export function hideLines(text: string, shown: readonly [number, number] | null): string {
  const hide = (part: string): string => part.replaceAll(/[^\s](?:[^\r\n]*[^\s])?/g, HIDDEN)
  if (shown === null || text.slice(...shown).includes('#')) return hide(text)
  return hide(text.slice(0, shown[0])) + text.slice(shown[0], shown[1]) + hide(text.slice(shown[1]))
}
