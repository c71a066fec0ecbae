import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSecretScrubber } from '../../src/engine/egress/secret-scrubber.ts'
import { repeats } from '../support/repeats.ts'

const secret = fc
  .string({ unit: fc.constantFrom(...'abcdefgXYZ0189+/=-_.~ "\\&<>%é'), minLength: 8, maxLength: 40 })
  .filter((text) => text.trim().length >= 8)
const text = fc.string({ maxLength: 30 })

const escapeUnits = (text: string, set: RegExp, upper = false): string =>
  text.replaceAll(set, (unit) => {
    const code = unit.charCodeAt(0).toString(16).padStart(4, '0')
    return `\\u${upper ? code.toUpperCase() : code}`
  })
const json = (text: string): string => JSON.stringify(text).slice(1, -1)
const number = (text: string, set: RegExp, write: (code: number) => string): string =>
  text.replaceAll(set, (character) => write(character.codePointAt(0) ?? 0))
const html = (text: string, quote: string, apostrophe: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', quote)
    .replaceAll("'", apostrophe)

/** Written from the documents of each encoder, not from the scrubber. */
const ENCODERS: Record<string, (text: string) => string | Buffer> = {
  'encoding/json of Go': (text) => escapeUnits(json(text), /[<>&\u2028\u2029]/g),
  'json of Python': (text) => escapeUnits(json(text), /[\u007f-\uffff]/g),
  'Gson of Java': (text) => escapeUnits(json(text), /[<>&='\u2028\u2029]/g),
  'System.Text.Json of .NET': (text) =>
    escapeUnits(text, /["&'+<>`\u007f-\uffff]/g, true).replaceAll(/\\(?!u[0-9A-F]{4})/g, '\\\\'),
  'json_encode of PHP': (text) => escapeUnits(json(text), /[\u007f-\uffff]/g).replaceAll('/', '\\/'),
  'JSON with every character as a number': (text) => escapeUnits(text, /[^]/g),
  'JSON with every character as a capital number': (text) => escapeUnits(text, /[^]/g, true),
  'JSON within JSON': (text) => json(json(text)),
  'JSON within HTML': (text) =>
    json(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;'),
  'html of Python': (text) => html(text, '&quot;', '&#x27;'),
  'html.EscapeString of Go': (text) => html(text, '&#34;', '&#39;'),
  'html/template of Go': (text) => html(text, '&#34;', '&#39;').replaceAll('+', '&#43;'),
  'htmlspecialchars of PHP': (text) => html(text, '&quot;', '&#039;'),
  'HTML with every character as a number': (text) => number(text, /[^]/gu, (code) => `&#${code};`),
  'HTML with every character as a hexadecimal number': (text) =>
    number(text, /[^]/gu, (code) => `&#x${code.toString(16)};`),
  encodeURIComponent: encodeURIComponent,
  'urllib of Python': (text) =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
  'URLEncoder of Java': (text) =>
    encodeURIComponent(text)
      .replaceAll('%20', '+')
      .replaceAll(/[!'()~]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`),
  'double percent-encoding': (text) => encodeURIComponent(encodeURIComponent(text)),
  'percent-encoding of every byte': (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  'percent-encoding of every byte in small letters': (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
  hexadecimal: (text) => Buffer.from(text).toString('hex'),
  'hexadecimal capitals': (text) => Buffer.from(text).toString('hex').toUpperCase(),
  base64: (text) => Buffer.from(text).toString('base64'),
  'UTF-16, little end first': (text) => Buffer.from(text, 'utf16le'),
  'UTF-16, big end first': (text) => Buffer.from(text, 'utf16le').swap16(),
}

function coversAt(secretText: string, whole: string, at: number): boolean {
  for (let from = whole.indexOf(secretText); from !== -1; from = whole.indexOf(secretText, from + 1))
    if (from <= at && at < from + secretText.length) return true
  return false
}

function through(known: readonly string[], whole: Buffer, cuts: readonly number[]): Buffer {
  const stream = createSecretScrubber(known)?.stream()
  if (stream === undefined) throw new Error('nothing to look for')
  const parts: Buffer[] = []
  let from = 0
  for (const cut of [...cuts.map((one) => one % (whole.length + 1)).toSorted((a, b) => a - b), whole.length]) {
    parts.push(Buffer.from(stream.push(whole.subarray(from, cut))))
    from = cut
  }
  return Buffer.concat([...parts, stream.end()])
}

describe('the secret scrubber', () => {
  it('masks every form of a secret, however the text is cut into pieces', () => {
    fc.assert(
      fc.property(secret, text, text, fc.array(fc.nat(), { maxLength: 8 }), (known, before, after, cuts) => {
        for (const form of [
          known,
          encodeURIComponent(known),
          JSON.stringify(known).slice(1, -1),
          Buffer.from(known).toString('hex'),
        ]) {
          const whole = Buffer.from(before + form + after)
          const clean = through([known], whole, cuts)
          expect(clean.includes(form)).toBe(false)
          expect(clean.length).toBe(whole.length)
        }
      }),
      { numRuns: repeats(150, 500) },
    )
  })

  it('masks the same bytes however the text is cut, also if one form begins or overlaps another', () => {
    const pieces = fc.constantFrom('abcd', 'abcdefgh', 'efghij', 'ghijabcd', 'cdab', 'a', 'b', '-')
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.constantFrom('abcd', 'abcdefgh', 'efghij', 'bcdefg', 'ghijabcd'), { minLength: 1 }),
        fc.array(pieces, { maxLength: 12 }),
        fc.array(fc.nat(), { maxLength: 10 }),
        (known, parts, cuts) => {
          const whole = Buffer.from(parts.join(''))
          const clean = through(known, whole, [])
          expect(through(known, whole, cuts).equals(clean)).toBe(true)
          for (const one of known) expect(clean.includes(one)).toBe(false)
          // Only what belongs to a secret is masked.
          for (const [at, byte] of clean.entries())
            if (byte !== whole[at]) expect(known.some((one) => coversAt(one, whole.toString(), at))).toBe(true)
          expect(createSecretScrubber(known)?.text(whole.toString())).toBe(clean.toString())
        },
      ),
      { numRuns: repeats(150, 400) },
    )
  })

  it('holds a short form back while it may become a longer one', () => {
    const stream = createSecretScrubber(['canary-1', 'canary-1-and-more'])?.stream()
    expect(stream?.push(Buffer.from('x canary-1')).toString()).toBe('x ')
    expect(stream?.push(Buffer.from('-and-more y')).toString()).toBe(`${'*'.repeat(17)} y`)
  })

  it.each(Object.entries(ENCODERS))('masks a secret in the form of %s', (name, encode) => {
    for (const known of ['k3y/with+all="&<\'> 42', 'Aa0-plain_key', 'schlüssel-ß/9']) {
      const form = encode(known)
      const bytes =
        typeof form === 'string' ? Buffer.from(`before ${form} after`) : Buffer.concat([Buffer.from('before '), form])
      const clean = through([known], bytes, [9, 12, 15])
      expect(clean.includes(typeof form === 'string' ? Buffer.from(form) : form), String(form)).toBe(false)
      expect(clean.length).toBe(bytes.length)
      // The last characters of base64 depend on what follows.
      const rest = clean.toString('latin1').replaceAll('*', '').length
      expect(rest).toBeLessThanOrEqual('before  after'.length + (name === 'base64' ? 3 : 0))
    }
  })

  it('changes nothing without a secret, and holds nothing back at the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
        const whole = Buffer.from(bytes)
        expect(through(['canary-secret-of-some-length'], whole, cuts).equals(whole)).toBe(true)
      }),
    )
  })

  it('holds back only what may be the beginning of a secret', () => {
    const stream = createSecretScrubber(['canary-secret'])?.stream()
    expect(stream?.push(Buffer.from('data: one\n\n')).toString()).toBe('data: one\n\n')
    expect(stream?.push(Buffer.from('data: canary')).toString()).toBe('data: ')
    expect(stream?.push(Buffer.from('-bird')).toString()).toBe('canary-bird')
  })

  it('masks secrets that overlap or repeat', () => {
    const scrubber = createSecretScrubber(['aaaaaaaa'])
    expect(scrubber?.text('aaaaaaaaaaaaaaaaaaaa')).not.toContain('aaaaaaaa')
    expect(through(['abababab'], Buffer.from('abababababababab'), [3, 5]).toString()).toBe('*'.repeat(16))
  })

  it('ignores a value that is too short to be distinguished from other text', () => {
    expect(createSecretScrubber(['abc'])).toBeNull()
    expect(createSecretScrubber([])).toBeNull()
  })
})
