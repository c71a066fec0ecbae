import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { releaseMemory } from '../../../src/engine/documents/release-memory.ts'
import { createFrameReader, frameOf } from '../../../src/engine/documents/sqlite/message-frames.ts'
import { workerMessage } from '../../../src/engine/documents/sqlite/worker-messages.ts'

function bytesOf(...messages: { kind: string }[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => frameOf(message)))
}

function readAll(pieces: Iterable<Buffer>): object[] {
  const found: object[] = []
  const read = createFrameReader((message) => found.push(message))
  for (const piece of pieces) read(piece)
  return found
}

describe('messages over a pipe', () => {
  it('rejects invalid lengths, text that is not JSON, and values that are not objects', () => {
    const head = (json: number, following: number, flags = 0): Buffer => {
      const bytes = Buffer.alloc(9)
      bytes.writeUInt8(flags, 0)
      bytes.writeUInt32LE(json, 1)
      bytes.writeUInt32LE(following, 5)
      return bytes
    }
    const framed = (json: string, flags = 0): Buffer => Buffer.concat([head(json.length, 0, flags), Buffer.from(json)])
    const long = [head(2 ** 31, 0), head(2, 2 ** 31)]
    for (const bytes of [...long, ...['{', 'null', '[1]', '7'].map((json) => framed(json)), framed('{"a":"nx"}', 4)])
      expect(() => readAll([bytes])).toThrow()
  })

  it('rejects values that are nested too deeply to be written', () => {
    let nested: unknown = 1
    for (let depth = 0; depth < 100_000; depth += 1) nested = [nested]
    expect(() => frameOf({ kind: 'job', data: nested })).toThrow(RangeError)
  })

  it('accepts only messages of the right shape from a worker', () => {
    for (const value of [
      null,
      'ready',
      {},
      { kind: 'open' },
      { kind: 'done', data: { tables: [] }, records: 0, tookMs: 0 },
      { kind: 'done', data: '[]', records: 0 },
      { kind: 'done', data: '[]', records: 0, tookMs: 'x' },
      { kind: 'withdrawn', count: -1 },
      { kind: 'failed', message: 7, isBlameless: true },
      { kind: 'failed', message: 'x' },
      { kind: 'chunk', bytes: 'x', records: 1 },
      { kind: 'chunk', bytes: Buffer.alloc(1), records: -1 },
      { kind: 'progress', stored: 1.5, line: 1 },
      { kind: 'progress', stored: 1 },
    ])
      expect(workerMessage(value)).toBeNull()
    expect(workerMessage({ kind: 'progress', stored: 1, line: 2 })).toEqual({ kind: 'progress', stored: 1, line: 2 })
  })

  it('are complete however the bytes are cut', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.oneof(
            fc.record({ kind: fc.constant('done'), data: fc.jsonValue() }),
            fc.record({
              kind: fc.constant('done'),
              data: fc.string({ minLength: 300, maxLength: 400, unit: 'grapheme' }),
            }),
            fc.record({
              kind: fc.constant('bytes'),
              bytes: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes)),
            }),
          ),
          { maxLength: 5 },
        ),
        fc.integer({ min: 1, max: 50 }),
        (messages, size) => {
          const whole = bytesOf(...messages)
          const pieces = Array.from({ length: Math.ceil(whole.length / size) }, (_, index) =>
            whole.subarray(index * size, (index + 1) * size),
          )
          // JSON has no negative zero.
          expect(readAll(pieces)).toEqual(JSON.parse(JSON.stringify(messages), revivedBytes))
        },
      ),
    )
  })

  it('give their bytes memory of their own, so that freeing it leaves the other messages', () => {
    const messages = [100, 40_000, 7, 300_000, 9_000].map((size, index) => ({
      kind: 'bytes',
      bytes: Buffer.alloc(size, index + 1),
    }))
    const whole = bytesOf(...messages, { kind: 'end' })
    for (const size of [9000, 65_536, whole.length]) {
      const found: { sum: number; length: number; left: number }[] = []
      const read = createFrameReader((message) => {
        const { bytes } = message as { bytes?: Uint8Array }
        if (bytes === undefined) return
        const { length } = bytes
        const sum = bytes.reduce((total, byte) => total + byte, 0)
        releaseMemory(bytes)
        found.push({ sum, length, left: bytes.length })
      })
      for (let at = 0; at < whole.length; at += size) read(Buffer.from(whole.subarray(at, at + size)))
      expect(found).toEqual(
        messages.map(({ bytes: { length } }, index) => ({
          sum: length * (index + 1),
          length,
          // Small ones share their memory with others.
          left: length < 40_000 ? length : 0,
        })),
      )
    }
  })

  it('distinguish bigints, numbers and texts', () => {
    const message = { kind: 'job', job: { id: 2n ** 63n - 1n, rounded: 2 ** 53 + 2, text: 'n1', n2: ['s'] } }
    expect(readAll([bytesOf(message)])).toEqual([message])
  })
})

function revivedBytes(_key: string, value: unknown): unknown {
  const { type, data } = (value ?? {}) as { type?: unknown; data?: number[] }
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data) : value
}
