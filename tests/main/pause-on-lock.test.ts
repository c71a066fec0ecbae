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

test('does nothing if the owner did not turn it on', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: false, wanted: false })
  pausing.began('lock')
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual([])
})

test('does not resume a pause by the owner', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: true, wanted: true })
  pausing.began('lock')
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual([])
})

test('does not treat a pause by the owner just before the lock as its own', async () => {
  const { pausing, calls, settled } = rig({ really: true })
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  await settled()
  pausing.know({ paused: true, wanted: true })
  pausing.ended('lock')
  await settled()
  expect(calls).toEqual([])
})

test('does not resume after the owner resumed and paused again meanwhile', async () => {
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

test('pauses on lock and resumes when both lock and sleep are over', async () => {
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

test('ends in the initial state after a lock and an unlock in quick succession', async () => {
  const { pausing, calls, settled } = rig()
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  pausing.ended('lock')
  await settled()
  expect(calls.filter((call) => call === 'pause by lock').length).toBe(calls.filter((call) => call === 'resume').length)
})

test('resumes what an earlier run paused', async () => {
  const { pausing, calls, current, settled } = rig({ kept: true })
  pausing.know({ paused: true, wanted: true })
  await settled()
  expect(calls).toEqual(['resume'])
  expect(current.paused_by_shell).toBe(false)
})

test('reports an engine that does not respond, and works at the next lock', async () => {
  const { pausing, failures, settled } = rig({ refuses: true })
  pausing.know({ paused: false, wanted: true })
  pausing.began('lock')
  await settled()
  expect(failures).toHaveLength(1)
})
