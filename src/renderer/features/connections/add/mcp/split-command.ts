import { t } from '../../../../../contract/text/translate.ts'

/** Characters without a special meaning. A backslash is literal before a character that it doesn't escape, because Windows paths contain many. */
const PLAIN = /^(?:\\?[\w@%+=:,./-])+$/

/**
 * Splits a command line into a program and its arguments. As in a shell, quotes group words and a backslash escapes the
 * next character. No other character is special, because no shell is involved. Returns a sentence if the line is
 * invalid.
 */
export function splitCommand(line: string): string[] | string {
  const words: string[] = []
  let word: string | null = null
  let quote: '"' | "'" | null = null
  for (let at = 0; at < line.length; at += 1) {
    const char = line.charAt(at)
    const next = line.charAt(at + 1)
    if (quote !== null) {
      if (char === quote) quote = null
      else if (quote === '"' && char === '\\' && (next === '"' || next === '\\')) {
        word += next
        at += 1
      } else word += char
    } else if (char === '"' || char === "'") {
      quote = char
      word ??= ''
    } else if (char === '\\' && /[\s"'\\]/.test(next)) {
      // Before other characters, a backslash is literal: Windows paths are full of them.
      word = (word ?? '') + next
      at += 1
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + char
  }
  if (quote !== null)
    return quote === '"' ? t`A double quote is missing. Add it.` : t`A single quote is missing. Add it.`
  if (word !== null) words.push(word)
  return words
}

/** Quotes an argument if that is needed, so that `splitCommand` returns it unchanged. */
export function quoteArgument(word: string): string {
  return PLAIN.test(word) ? word : `"${word.replaceAll(/["\\]/g, String.raw`\$&`)}"`
}
