/**
 * A command line as words: the program and its arguments. Quotes keep words together and a backslash takes the next character as it is,
 * as in a shell; nothing else means anything, for no shell reads it. A string says what is wrong.
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
      // Before anything else it stays: paths of Windows are full of them.
      word = (word ?? '') + next
      at += 1
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word)
      word = null
    } else word = (word ?? '') + char
  }
  if (quote !== null) return `A ${quote === '"' ? 'double' : 'single'} quote is open: close it.`
  if (word !== null) words.push(word)
  return words
}

/** One word, told apart from its neighbours. */
export function quoteArgument(word: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(word) ? word : JSON.stringify(word)
}
