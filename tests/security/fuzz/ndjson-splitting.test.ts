import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { HallpassError } from '../../../src/contract/errors.ts'
import { readLines } from '../../../src/engine/documents/ndjson.ts'
import { repeats } from '../../support/repeats.ts'

const MAX_LINE_BYTES = 40

/** Bytes cut at these places, empty pieces included, as a socket may deliver them. */
async function* cutAt(bytes: Buffer, cuts: readonly number[]): AsyncIterable<Uint8Array> {
  const places = cuts.map((cut) => cut % (bytes.length + 1)).toSorted((one, other) => one - other)
  let from = 0
  for (const to of [...places, bytes.length]) {
    yield bytes.subarray(from, to)
    from = to
  }
}

interface Outcome {
  lines: [number, string][]
  problem: string | null
}

async function outcomeOf(body: AsyncIterable<Uint8Array>): Promise<Outcome> {
  const lines: [number, string][] = []
  try {
    for await (const some of readLines(body, { maxLineBytes: MAX_LINE_BYTES }))
      lines.push(...some.map(({ line, text }): [number, string] => [line, text]))
    return { lines, problem: null }
  } catch (error) {
    if (!(error instanceof HallpassError)) throw error
    return { lines, problem: error.message }
  }
}

const piece = fc.oneof(
  fc.constantFrom('\n', '\n\n', '\r\n', '\r', '{"a":1}', '😀', 'é', '\u2028', '\uFEFF', ' ', '\t'),
  fc.string({ unit: 'binary', maxLength: 12 }),
)
const wellFormed = fc.array(piece, { maxLength: 12 }).map((parts) => Buffer.from(parts.join('')))
const anyBytes = fc.uint8Array({ maxLength: 80 }).map((bytes) => Buffer.from(bytes))
const cuts = fc.array(fc.nat({ max: 200 }), { maxLength: 20 })

test('NDJSON has the same lines, with the same numbers, and fails at the same place, however it is cut', async () => {
  await fc.assert(
    fc.asyncProperty(fc.oneof(wellFormed, anyBytes), cuts, async (bytes, places) => {
      const whole = await outcomeOf(cutAt(bytes, []))
      const cut = await outcomeOf(cutAt(bytes, places))
      expect(cut).toEqual(whole)
    }),
    { numRuns: repeats(500, 2_000) },
  )
})

test('the lines of NDJSON are those of its text, without empty ones', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ unit: 'grapheme-ascii', maxLength: MAX_LINE_BYTES }), { maxLength: 10 }),
      cuts,
      async (texts, places) => {
        const { lines, problem } = await outcomeOf(cutAt(Buffer.from(texts.join('\n')), places))
        const wanted = texts.flatMap((text, index) => (text.trim() === '' ? [] : [[index + 1, text.trimEnd()]]))
        expect(lines.map(([line, text]) => [line, text.trimEnd()])).toEqual(wanted)
        expect(problem).toBeNull()
      },
    ),
    { numRuns: repeats(300, 1_000) },
  )
})
