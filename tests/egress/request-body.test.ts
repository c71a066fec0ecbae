import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { guardedBody } from '../../src/engine/egress/request-body.ts'
import { repeats } from '../support/repeats.ts'

const PAT = `hp_pat_${'A1b2C3d4'.repeat(6)}Z`
const SESSION = `sess_${'x_-9'.repeat(10)}abc`

async function through(whole: Buffer, cuts: readonly number[]): Promise<Buffer> {
  const ends = [...cuts.map((cut) => cut % (whole.length + 1)).toSorted((a, b) => a - b), whole.length]
  async function* body(): AsyncIterable<Uint8Array> {
    let from = 0
    for (const end of ends) {
      yield whole.subarray(from, end)
      from = end
    }
  }
  const parts: Uint8Array[] = []
  for await (const part of guardedBody(body(), 'application/json')) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

describe('the body of a forwarded request', () => {
  it('contains no token of Hallpass, and the same bytes however it is cut into pieces', async () => {
    const piece = fc.constantFrom(
      PAT,
      SESSION,
      'sess_',
      'hp_pat_',
      'hp_',
      's',
      PAT.slice(0, 30),
      SESSION.slice(0, 47),
      ' ',
      '"x"',
      '_',
    )
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 8 }), fc.array(fc.nat(), { maxLength: 8 }), async (parts, cuts) => {
        const whole = Buffer.from(parts.join(''))
        const clean = await through(whole, cuts)
        expect(clean.equals(await through(whole, []))).toBe(true)
        expect(clean.length).toBe(whole.length)
        expect(clean.includes(PAT)).toBe(false)
        expect(clean.includes(SESSION)).toBe(false)
      }),
      { numRuns: repeats(300, 1000) },
    )
  })

  it('contains no part of an access token that directly follows the prefix of a session token', async () => {
    const clean = await through(Buffer.from(`sess_${PAT}.`), [])
    expect(clean.toString()).toBe(`${'*'.repeat(5 + PAT.length)}.`)
  })

  it('is unchanged without a token', async () => {
    const text = '{"note":"sess_ and hp_pat_ alone are no tokens"}'
    expect((await through(Buffer.from(text), [9, 14, 30])).toString()).toBe(text)
  })
})
