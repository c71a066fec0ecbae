import { expect, test } from 'vitest'
import { drainEventLoop } from '../support/until.ts'
import { createPauseOnLock } from '../../src/main/pause-on-lock.ts'

function rig({ kept = false, refuses = false, really = false } = {}) {
  const calls: string[] = []
  const failures: unknown[] = []
  const current = { paused_by_shell: kept }
  const answer = async (call: string): Promise<{ paused: boolean }> => {
    if (refuses) throw new Error('lost')
    calls.push(call)
    return { paused: call !== 'resume' }
  }
  const pausing = createPauseOnLock({
    owner: async () =>
      ({
        pause: (input: { by: string }) => answer(`pause by ${input.by}`),
        resume: () => answer('resume'),
        status: async () => ({ paused: really }),
      }) as never,
    memory: { current, store: (changes) => Object.assign(current, changes) },
    failed: (thrown) => failures.push(thrown),
  })
  return { pausing, calls, failures, current, settled: () => drainEventLoop() }
}

test('does nothing where the owner did not ask for it', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: false, wanted: false })
  pausing.began('lock')
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual([])
})

test('does not resume what the person had paused', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: true, wanted: true })
  pausing.began('lock')
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual([])
})

test('does not take for its own what was paused by hand a moment before', async () => {
  const { pausing, calls, settled } = rig({ really: true })
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  await settled()
  pausing.know({ paused: true, wanted: true })
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual([])
})

test('does not resume what was resumed by hand and paused again by hand meanwhile', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  await settled()
  pausing.know({ paused: true, wanted: true })
  pausing.know({ paused: false, wanted: true })
  await settled()
  pausing.know({ paused: true, wanted: true })
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual(['pause by lock'])
})

test('pauses at the lock and resumes when both lock and sleep are over', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  pausing.began('sleep')
  await settled()
  expect(calls).toEqual(['pause by lock'])
  pausing.ended('sleep')
  await settled()
  expect(calls).toEqual(['pause by lock'])
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual(['pause by lock', 'resume'])
})

test('a lock and an unlock close together end as they began', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  pausing.ended('lock')
  await settled()
  expect(calls.filter((call) => call === 'pause by lock').length).toBe(calls.filter((call) => call === 'resume').length)
})

test('what an earlier run paused is resumed by the next', async () => {
  const { pausing, calls, current, settled } = rig({ kept: true })
  pausing.know({ paused: true, wanted: true })
  await settled()
  expect(calls).toEqual(['resume'])
  expect(current.paused_by_shell).toBe(false)
})

test('an engine that does not answer is reported, and the next lock works', async () => {
  const { pausing, failures, settled } = rig({ refuses: true })
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  await settled()
  expect(failures).toHaveLength(1)
})
