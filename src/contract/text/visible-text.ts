/** Escapes characters that hide or reorder text. */
export function visible(text: string): string {
  return text.replaceAll(/[^\P{C}\n]|[\p{Zl}\p{Zp}]/gu, (one) => `\\u{${(one.codePointAt(0) ?? 0).toString(16)}}`)
}

/** Writes an argument for reading, in quotes if needed, with everything that hides or reorders text escaped. */
export function showArgument(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : visible(JSON.stringify(word))
}
