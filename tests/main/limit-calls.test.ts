import { describe, expect, test } from 'vitest'
import { limitCalls } from '../../src/main/ipc/limit-calls.ts'

const REFUSED = { code: 'RATE_LIMITED' }
const stream = async (): Promise<AsyncGenerator<number, void>> =>
  (async function* () {
    yield* [1, 2]
  })()
const never = (): Promise<never> => new Promise<never>(() => undefined)

describe('the number of running calls per page', () => {
  test('is limited, for calls and streams together', async () => {
    const limited = limitCalls(2)
    void limited(never, undefined)
    await limited(stream, undefined)
    await expect(limited(async () => 'one more', undefined)).rejects.toMatchObject(REFUSED)
  })

  test('is reduced when a stream that was never read loses its caller', async () => {
    const limited = limitCalls(1)
    const leaving = new AbortController()
    await limited(stream, leaving.signal)
    await expect(limited(stream, undefined)).rejects.toMatchObject(REFUSED)
    leaving.abort()
    expect(await limited(async () => 'next', undefined)).toBe('next')
    const left = AbortSignal.abort()
    await limited(stream, left)
    expect(await limited(async () => 'next', undefined)).toBe('next')
  })

  test('is reduced once per call, by a response, an error or the end of a stream', async () => {
    const limited = limitCalls(1)
    expect(await limited(async () => 'answer', undefined)).toBe('answer')
    await expect(
      limited(async () => {
        throw new Error('broken')
      }, undefined),
    ).rejects.toThrow('broken')
    const read: number[] = []
    for await (const value of await limited(stream, undefined)) read.push(value)
    expect(read).toEqual([1, 2])
    for await (const value of await limited(stream, undefined)) {
      read.push(value)
      break
    }
    const failing = await limited(
      async () =>
        (async function* (): AsyncGenerator<number, void> {
          yield 1
          throw new Error('cut off')
        })(),
      undefined,
    )
    await expect(
      (async () => {
        for await (const value of failing) read.push(value)
      })(),
    ).rejects.toThrow('cut off')
    await failing.return()
    await limited(stream, undefined)
    await expect(limited(stream, undefined)).rejects.toMatchObject(REFUSED)
  })
})
