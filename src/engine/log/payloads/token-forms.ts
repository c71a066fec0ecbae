import type { Span } from '../../egress/masking-stream.ts'

/** Beginnings of Hallpass's own tokens, with as many characters as distinguish a token from a name such as sess_id. */
const TOKENS = [
  ['hp_pat_', 8],
  ['sess_', 20],
] as const

const ENCODED_CHARACTER = [
  '[0-9A-Za-z_-]',
  '%(?:25)?[2-7][0-9A-Fa-f]',
  '\\\\{1,4}(?:u00|x)[2-7][0-9A-Fa-f]',
  '&#(?:x0*[2-7][0-9A-Fa-f]|0*\\d{2,3});',
].join('|')

/** Finds own tokens, also percent-encoded, escaped, in UTF-16, in hexadecimal or in base64. Expects Latin-1. */
const PATTERNS: readonly RegExp[] = TOKENS.flatMap(([prefix, least]) => [
  new RegExp(`${[...prefix].map(encoded).join('')}(?:(?:${ENCODED_CHARACTER})\\0?){${least},}`, 'g'),
  new RegExp(`${Buffer.from(prefix).toString('hex')}(?:[0-9a-f]{2}){${least},}`, 'gi'),
  new RegExp(`(?:${base64Beginnings(prefix).join('|')})[A-Za-z0-9+/_\\\\\\r\\n-]{${least},}`, 'g'),
])

/** Matches one character in any encoding, followed by the zero byte of UTF-16. */
function encoded(character: string): string {
  const code = character.charCodeAt(0)
  const hex = [...code.toString(16)].map((digit) => `[${digit}${digit.toUpperCase()}]`).join('')
  return `(?:${character}|%(?:25)?${hex}|\\\\{1,4}(?:u00|x)${hex}|&#(?:x0*${hex}|0*${code});)\\0?`
}

/** Returns the base64 characters that depend only on the text, for each of the three alignments. */
function base64Beginnings(text: string): string[] {
  return [0, 1, 2].map((before) =>
    Buffer.concat([Buffer.alloc(before), Buffer.from(text)])
      .toString('base64')
      .slice(Math.ceil((before * 8) / 6), Math.floor(((before + text.length) * 8) / 6)),
  )
}

/** Returns where a text contains one of Hallpass's own tokens, whoever it belongs to and whether or not it is active. */
export function tokenSpans(text: Buffer): Span[] {
  const latin1 = text.toString('latin1')
  return PATTERNS.flatMap((pattern) =>
    [...latin1.matchAll(pattern)].map(({ 0: token, index }): Span => [index, index + token.length]),
  )
}
