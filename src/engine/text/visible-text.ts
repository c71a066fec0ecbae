import type { JsonObject } from './json.ts'

/**
 * Characters that people can't see: control, zero-width and direction characters, tags, private use, lone surrogates,
 * stray variation selectors.
 */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\u{FE00}-\u{FE0E}\u{E0100}-\u{E01EF}\u{115F}\u{1160}\u{3164}\u{FFA0}]/gu
const EMOJI_JOINER = /\p{Extended_Pictographic}(?:\u{FE0F}|\p{Emoji_Modifier})?$/u
/** Characters that separate words when a text is shown on one line. */
const LINE_SPACE = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu
const LINE_BREAKS = new Set(['\n', '\r', '\t'])

/** Keys whose values are text for people and models. Everything else in a definition is data and doesn't change. */
const TEXTS = new Set(['description', 'title', '$comment'])

/**
 * Returns the text with every hidden character written as ⟨U+200B⟩. Line breaks, tabs and joiners inside emoji stay.
 */
export function visible(text: string): string {
  return text.replace(HIDDEN, (character: string, at: number) => {
    if (LINE_BREAKS.has(character)) return character
    if (
      character === '\u200D' &&
      EMOJI_JOINER.test(text.slice(Math.max(0, at - 4), at)) &&
      /^\p{Extended_Pictographic}/u.test(text.slice(at + 1, at + 3))
    ) {
      return character
    }
    return `⟨U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟩`
  })
}

/** Most texts contain nothing else, and this check is much faster. */
const PLAIN = /^[\x20-\x7e]*$/

/**
 * Returns the text with every hidden character replaced, so that it can't control a terminal, forge a line or imitate
 * another name.
 */
export function printable(text: string): string {
  return PLAIN.test(text) ? text : text.replace(HIDDEN, '\uFFFD')
}

/** Returns the text as one printable line of at most `maxLength` characters. */
export function oneLine(text: string, maxLength = 400): string {
  const line = printable(
    text
      .slice(0, 4 * maxLength)
      .replace(LINE_SPACE, ' ')
      .trim(),
  )
  return line.length > maxLength ? `${line.slice(0, maxLength)}…` : line
}

function hasHidden(text: string): boolean {
  return text.search(HIDDEN) !== -1
}

/** Returns a definition with its texts made visible, at any depth. The same object if nothing changes. */
export function visibleDefinition<T>(value: T): T {
  return walk(value, false) as T
}

function walk(value: unknown, isText: boolean): unknown {
  if (typeof value === 'string') return isText ? visible(value) : value
  if (Array.isArray(value)) return mapped(value, (one) => walk(one, false))
  if (typeof value !== 'object' || value === null) return value
  let changed = false
  const entries = Object.entries(value).map(([key, inner]) => {
    const cleaned = walk(inner, TEXTS.has(key))
    changed ||= cleaned !== inner
    return [key, cleaned] as const
  })
  return changed ? Object.fromEntries(entries) : value
}

function mapped(values: readonly unknown[], work: (one: unknown) => unknown): readonly unknown[] {
  const cleaned = values.map(work)
  return cleaned.some((one, at) => one !== values[at]) ? cleaned : values
}

/**
 * Returns whether any name in the definition contains hidden characters. Names can't be rewritten, because calls use
 * them.
 */
export function hidesNames(definition: JsonObject): boolean {
  const { name } = definition
  return (typeof name === 'string' && hasHidden(name)) || keysHide(definition)
}

function keysHide(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(keysHide)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => hasHidden(key) || keysHide(inner))
}
