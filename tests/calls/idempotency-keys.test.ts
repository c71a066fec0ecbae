import { describe, expect, test } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import type { Principal } from '../../src/engine/access/principal.ts'
import { createIdempotencyKeys, type KeyedWrite } from '../../src/engine/calls/idempotency-keys.ts'
import type { Clock } from '../../src/engine/clock.ts'
import { createTestClock } from '../support/test-clock.ts'

const PRINCIPAL = { project: { id: 1, name: 'demo' }, parent: null, name: 'agent' } as unknown as Principal
const PAUSED = new HallpassError('PAUSED', 'All access is paused.')

function write(key: string, signal: AbortSignal = new AbortController().signal): KeyedWrite {
  return { principal: PRINCIPAL, key, connection: 'sales', method: 'add_records', signal, onReplay: () => {} }
}

async function* pieces(text: string) {
  yield new TextEncoder().encode(text)
}

async function drain(items: AsyncIterable<unknown>): Promise<void> {
  for await (const _ of items);
}

describe('an idempotency key', () => {
  test('is not used again after a pause interrupted its write, because the write may have happened', async () => {
    const keys = createIdempotencyKeys(createTestClock())
    const call = new AbortController()
    const first = keys.call(write('k', call.signal), {}, async () => {
      call.abort(PAUSED)
      throw PAUSED
    })
    await expect(first).rejects.toBe(PAUSED)
    let runs = 0
    await expect(keys.call(write('k'), {}, async () => (runs += 1))).rejects.toMatchObject({
      details: { sent: 'unknown' },
    })
    expect(runs).toBe(0)
  })

  test('is not used again after a load that failed after its first batches', async () => {
    const keys = createIdempotencyKeys(createTestClock())
    const load = keys.load(write('k'), pieces('{}'), async function* () {
      yield { stored: 500, line: 500 }
      throw new HallpassError('INVALID_REQUEST', 'The body ended early.')
    })
    await expect(drain(load)).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    let runs = 0
    const again = keys.load(write('k'), pieces('{}'), async function* () {
      runs += 1
      yield { stored: 1, line: 1 }
    })
    await expect(drain(again)).rejects.toMatchObject({ details: { sent: 'unknown' } })
    expect(runs).toBe(0)
  })

  test('leaves no timer behind when newer keys replace it', async () => {
    let timers = 0
    const clock: Clock = {
      ...createTestClock(),
      after() {
        timers += 1
        return () => (timers -= 1)
      },
    }
    const keys = createIdempotencyKeys(clock)
    for (let index = 0; index < 2500; index += 1) await keys.call(write(`k${index}`), {}, async () => index)
    expect(timers).toBe(1000)
  })
})
