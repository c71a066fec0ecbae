import { createMaskingStream, type Span, type StreamScrubber } from './masking-stream.ts'
import { secretBytes, secretForms } from './secret-forms.ts'

/**
 * Removes secrets from upstream responses, in every form of `secretForms` and in UTF-16. Each byte is replaced by an asterisk, so that
 * lengths stay correct. A hostile server can use other encodings. These are the likely ones.
 */
export interface SecretScrubber {
  text(text: string): string
  /**
   * Returns a scrubber for one body. It masks the same bytes however the body is cut into chunks: only bytes that could be the
   * beginning of a secret are held back.
   */
  stream(): StreamScrubber
}

/** Returns null if there is nothing to search for: no secret, or one too short to distinguish from other text. */
export function createSecretScrubber(secrets: readonly string[]): SecretScrubber | null {
  const forms = secretForms(secrets)
  if (forms.length === 0) return null
  const beginning = beginningOf(forms)
  const needles = secretBytes(secrets)
  const groups = byPrefix(needles)
  const beginnings = createBeginnings(needles)

  return {
    text: (text) => (beginning.test(text) ? maskedText(text, forms) : text),
    stream: () =>
      createMaskingStream(
        (bytes) => spansIn(bytes, groups),
        (bytes) => beginningAt(bytes, beginnings),
      ),
  }
}

/** Characters of a form that decide whether a text can contain it. A pattern of whole forms could be too large for a RegExp. */
const BEGINNING = 6

function escaped(text: string): string {
  return text.replace(/[^A-Za-z0-9]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

function beginningOf(forms: readonly string[]): RegExp {
  return new RegExp([...new Set(forms.map((form) => form.slice(0, BEGINNING)))].map(escaped).join('|'))
}

/** Returns a function that removes a key from a text, in any form in which a server may echo it. */
export function createKeyScrubber(key: string): (text: string) => string {
  const forms = secretForms([key])
  return (text) =>
    forms.reduce((clean, form) => (clean.includes(form) ? clean.replaceAll(form, '[secret]') : clean), text)
}

interface NeedleGroup {
  prefix: Buffer
  needles: Buffer[]
}

/** Forms with a common prefix are searched only where the prefix occurs. Most bodies contain no `\u`, `&#` or `%`. */
function byPrefix(needles: readonly Buffer[]): NeedleGroup[] {
  const groups = new Map<string, NeedleGroup>()
  for (const needle of needles) {
    const prefix = needle.subarray(0, 3)
    const key = prefix.toString('hex')
    const group = groups.get(key) ?? { prefix, needles: [] }
    group.needles.push(needle)
    groups.set(key, group)
  }
  return [...groups.values()]
}

function spansIn(bytes: Buffer, groups: readonly NeedleGroup[]): Span[] {
  const spans: Span[] = []
  for (const { prefix, needles } of groups) {
    const first = bytes.indexOf(prefix)
    if (first === -1) continue
    for (const needle of needles) {
      // From the next byte, because occurrences may overlap.
      for (let at = bytes.indexOf(needle, first); at !== -1; at = bytes.indexOf(needle, at + 1))
        spans.push([at, at + needle.length])
    }
  }
  return spans
}

interface Beginnings {
  byFirst: readonly (readonly Buffer[])[]
  /** Whether a form starts with these two bytes. Most pairs start none. */
  pairs: Uint8Array
  longest: number
}

function createBeginnings(needles: readonly Buffer[]): Beginnings {
  const byFirst = Array.from({ length: 256 }, (_, byte) => needles.filter((needle) => needle[0] === byte))
  const pairs = new Uint8Array(65_536)
  for (const needle of needles) pairs[needle.readUInt16BE(0)] = 1
  return { byFirst, pairs, longest: Math.max(...needles.map((needle) => needle.length)) }
}

function maskedText(text: string, forms: readonly string[]): string {
  const spans: Span[] = []
  for (const form of forms)
    for (let at = text.indexOf(form); at !== -1; at = text.indexOf(form, at + 1)) spans.push([at, at + form.length])
  if (spans.length === 0) return text
  let clean = ''
  let done = 0
  for (const [from, to] of spans.toSorted((one, other) => one[0] - other[0])) {
    if (to <= done) continue
    clean += text.slice(done, Math.max(from, done)) + '*'.repeat(to - Math.max(from, done))
    done = to
  }
  return clean + text.slice(done)
}

/** Returns where the longest possible beginning of a form starts, or the length if there is none. */
function beginningAt(piece: Buffer, { byFirst, pairs, longest }: Beginnings): number {
  for (let at = Math.max(0, piece.length - longest + 1); at < piece.length; at += 1) {
    const left = piece.length - at
    const first = piece[at] ?? 0
    if (left > 1 && pairs[(first << 8) | (piece[at + 1] ?? 0)] === 0) continue
    for (const needle of byFirst[first] ?? [])
      if (needle.length > left && needle.compare(piece, at, piece.length, 0, left) === 0) return at
  }
  return piece.length
}
