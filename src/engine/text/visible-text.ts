import type { JsonObject } from '../mcp-upstreams/mcp-upstreams.ts'

/** Zero-width and direction marks, tags, private use, stray variation selectors: text for a model that no person sees. */
const HIDDEN =
  /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Co}\p{Cs}\u{FE00}-\u{FE0E}\u{E0100}-\u{E01EF}\u{115F}\u{1160}\u{3164}\u{FFA0}]/gu
const EMOJI_JOINER = /\p{Extended_Pictographic}(?:\u{FE0F}|\p{Emoji_Modifier})?$/u
const LINE_BREAKS = new Set(['\n', '\r', '\t'])

/** Keys whose values are text for people and models; everything else in a definition is data and stays as it is. */
const TEXTS = new Set(['description', 'title', '$comment'])

/** The text with every hidden character written out as ⟨U+200B⟩. Line breaks, tabs and the joiners inside emoji stay. */
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

export function hasHidden(text: string): boolean {
  return text.search(HIDDEN) !== -1
}

/** Deeper than any schema is; what walks a definition would run out of stack on one that is made for that. */
const DEEPEST = 100

/** True for a value that is nested deeper than Hallpass looks. */
export function tooDeep(value: unknown, left = DEEPEST): boolean {
  if (typeof value !== 'object' || value === null) return false
  return left === 0 || Object.values(value).some((inner) => tooDeep(inner, left - 1))
}

/** A definition with its texts made visible, at any depth. The same object where there is nothing to do. */
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

/** Names are called by, so they cannot be rewritten: does any name in the definition hide characters? */
export function hidesNames(definition: JsonObject): boolean {
  const { name } = definition
  return (typeof name === 'string' && hasHidden(name)) || keysHide(definition)
}

function keysHide(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(keysHide)
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([key, inner]) => hasHidden(key) || keysHide(inner))
}
