/**
 * Edits text of one format by cutting and pasting, so that what is not ours keeps every byte. `key` is the key of the root under which
 * servers stand by name. Throws SyntaxError where text cannot be read, and UneditableText where it stands in a form that cannot be edited.
 */
export interface ConfigEditor {
  /** All of it as plain data, an object at the root; an empty text is an empty object. */
  parse(text: string): Record<string, unknown>
  put(text: string, key: string, name: string, entry: Record<string, unknown>): string
  /** The entry is there. */
  remove(text: string, key: string, name: string): string
  /** The text with every value and comment hidden but those of the entry, whose bytes are shown only when `showEntry`. */
  mask(text: string, key: string, name: string, showEntry: boolean): string
}

/** The text is valid, but not in a form that can be edited safely; the message says which, for a person. */
export class UneditableText extends Error {}

export const HIDDEN = '…'

/** Line ending of the text: that of its first line. */
export function endOfLine(text: string): '\r\n' | '\n' {
  return /\r?\n/.exec(text)?.[0] === '\r\n' ? '\r\n' : '\n'
}

/** Start of the line that holds the offset. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1
}

/** End of the line that holds the offset, after its line ending. */
export function lineEnd(text: string, offset: number): number {
  const found = text.indexOf('\n', offset)
  return found === -1 ? text.length : found + 1
}

/** End of the lines from `start` to `end` without the comments and blank lines at their end, which belong to what follows. */
export function contentEnd(text: string, start: number, end: number): number {
  let at = end
  for (;;) {
    const line = lineStart(text, at - 1)
    if (line <= start || !/^\s*(?:#.*)?\s*$/.test(text.slice(line, at))) return at
    at = line
  }
}

/** Hides all of the text but its shape, line by line, outside the given span; a span with a comment is hidden too. */
export function hideLines(text: string, shown: readonly [number, number] | null): string {
  const hide = (part: string): string => part.replaceAll(/[^\s](?:[^\r\n]*[^\s])?/g, HIDDEN)
  if (shown === null || text.slice(...shown).includes('#')) return hide(text)
  return hide(text.slice(0, shown[0])) + text.slice(shown[0], shown[1]) + hide(text.slice(shown[1]))
}
