import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createSecretScrubber } from '../../src/engine/egress/secret-scrubber.ts'

const secret = fc
  .string({ unit: fc.constantFrom(...'abcdefgXYZ0189+/=-_.~ "\\&<>%é'), minLength: 8, maxLength: 40 })
  .filter((text) => text.trim().length >= 8)
const text = fc.string({ maxLength: 30 })

function through(known: string, whole: Buffer, cuts: readonly number[]): Buffer {
  const stream = createSecretScrubber([known])?.stream()
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
  it('lets no form of a secret through, however the text is cut into pieces', () => {
    fc.assert(
      fc.property(secret, text, text, fc.array(fc.nat(), { maxLength: 8 }), (known, before, after, cuts) => {
        for (const form of [
          known,
          encodeURIComponent(known),
          JSON.stringify(known).slice(1, -1),
          Buffer.from(known).toString('hex'),
        ]) {
          const whole = Buffer.from(before + form + after)
          const clean = through(known, whole, cuts)
          expect(clean.includes(form)).toBe(false)
          expect(clean.length).toBe(whole.length)
        }
      }),
      { numRuns: 500 },
    )
  })

  it('changes nothing where there is no secret, and holds nothing back at the end', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.array(fc.nat(), { maxLength: 8 }), (bytes, cuts) => {
        const whole = Buffer.from(bytes)
        expect(through('canary-secret-of-some-length', whole, cuts).equals(whole)).toBe(true)
      }),
    )
  })

  it('holds back only what may be the beginning of a secret', () => {
    const stream = createSecretScrubber(['canary-secret'])?.stream()
    expect(stream?.push(Buffer.from('data: one\n\n')).toString()).toBe('data: one\n\n')
    expect(stream?.push(Buffer.from('data: canary')).toString()).toBe('data: ')
    expect(stream?.push(Buffer.from('-bird')).toString()).toBe('canary-bird')
  })

  it('finds secrets that overlap or repeat', () => {
    const scrubber = createSecretScrubber(['aaaaaaaa'])
    expect(scrubber?.text('aaaaaaaaaaaaaaaaaaaa')).not.toContain('aaaaaaaa')
    expect(through('abababab', Buffer.from('abababababababab'), [3, 5]).toString()).toBe('*'.repeat(16))
  })

  it('looks for nothing that is too short to be told from other text', () => {
    expect(createSecretScrubber(['abc'])).toBeNull()
    expect(createSecretScrubber([])).toBeNull()
  })
})
