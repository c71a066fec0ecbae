import { expect, test } from 'vitest'
import { createTurns } from '../src/engine/turns.ts'

const NEVER = new AbortController().signal

/** Lets every reaction that is due run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('rejects whoever leaves the queue, and keeps no place for them', async () => {
  const turns = createTurns(1)
  expect(turns.takeNow()).toBe(true)
  const leave = new AbortController()
  const waited = turns.wait(leave.signal)
  expect(turns.waiting).toBe(1)
  leave.abort(new Error('left'))
  await expect(waited).rejects.toThrow('left')
  await expect(turns.wait(leave.signal)).rejects.toThrow('left')
  expect(turns.waiting).toBe(0)
  turns.done()
  expect(turns.takeNow()).toBe(true)
})

test('keeps the reserve free of a single key', () => {
  const turns = createTurns(4, { reserve: 1 })
  expect([1, 2, 3, 4].map(() => turns.takeNow('flood'))).toEqual([true, true, true, false])
  expect(turns.takeNow('quiet')).toBe(true)
  expect(turns.takeNow('quiet')).toBe(false)
})

test('serves the key with the fewest places first, in order within a key', async () => {
  const turns = createTurns(1)
  turns.takeNow('a')
  const order: string[] = []
  for (const [key, name] of [
    ['a', 'a1'],
    ['a', 'a2'],
    ['a', 'a3'],
    ['b', 'b1'],
    ['b', 'b2'],
  ] as const)
    void turns.wait(NEVER, key).then(() => order.push(name))
  let last = 'a'
  for (let served = 0; served < 5; served += 1) {
    turns.done(last)
    await settled()
    last = order.at(-1)?.charAt(0) ?? ''
  }
  expect(order).toEqual(['a1', 'b1', 'a2', 'b2', 'a3'])
})

test('gives the place back when the work fails, and is idle afterward', async () => {
  const turns = createTurns(1)
  const failing = turns.run(() => Promise.reject(new Error('broken')))
  const next = turns.run(() => Promise.resolve(7))
  await expect(failing).rejects.toThrow('broken')
  await expect(next).resolves.toBe(7)
  await turns.idle()
  expect(turns.waiting).toBe(0)
})
