import { expect, test } from 'vitest'
import { createTurns } from '../../src/engine/running/turns.ts'

const NEVER = new AbortController().signal

/** Lets every reaction that is due run. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('rejects callers that leave the queue, and reserves no place for them', async () => {
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

test('lets a newcomer pass everything that a flood has queued', async () => {
  const turns = createTurns(2)
  const order: string[] = []
  const run = (key: string): Promise<void> =>
    turns.run(
      async () => {
        order.push(key)
        await settled()
      },
      NEVER,
      key,
    )
  const flood = Array.from({ length: 100 }, () => run('flood'))
  const others = ['b', 'c', 'd'].map((key) => run(key))
  await Promise.all([...flood, ...others])
  // Both places are the flood's at first; each that becomes free goes to a key that has none.
  expect(order.slice(0, 2)).toEqual(['flood', 'flood'])
  expect(order.indexOf('d')).toBeLessThanOrEqual(6)
  expect(order).toHaveLength(103)
})

test('shares the places among keys that are all busy', async () => {
  const turns = createTurns(4)
  const running = new Map<string, number>()
  const most = new Map<string, number>()
  const work = (key: string) => async (): Promise<void> => {
    running.set(key, (running.get(key) ?? 0) + 1)
    if (served > 8) most.set(key, Math.max(most.get(key) ?? 0, running.get(key) ?? 0))
    served += 1
    await settled()
    running.set(key, (running.get(key) ?? 0) - 1)
  }
  let served = 0
  const all = ['a', 'b'].flatMap((key) => Array.from({ length: 50 }, () => turns.run(work(key), NEVER, key)))
  await Promise.all(all)
  expect(Math.min(...most.values())).toBeGreaterThanOrEqual(2)
})

test('skips a key at its maximum for a waiting one without a limit', async () => {
  const turns = createTurns(6, { reserve: 4 })
  for (const key of ['a', 'a', undefined, undefined, undefined, undefined]) expect(turns.takeNow(key)).toBe(true)
  const served: string[] = []
  void turns.wait(NEVER, 'a').then(() => served.push('a'))
  void turns.wait(NEVER).then(() => served.push('nobody'))
  turns.done()
  await settled()
  expect(served).toEqual(['nobody'])
  turns.done('a')
  await settled()
  expect(served).toEqual(['nobody', 'a'])
})

test('frees the place if the work fails, and is idle afterward', async () => {
  const turns = createTurns(1)
  const failing = turns.run(() => Promise.reject(new Error('broken')))
  const next = turns.run(() => Promise.resolve(7))
  await expect(failing).rejects.toThrow('broken')
  await expect(next).resolves.toBe(7)
  await turns.idle()
  expect(turns.waiting).toBe(0)
})
