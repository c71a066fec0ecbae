import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { startDetachedEngine } from '../../src/cli/detached-engine.ts'
import { forwardedSignals } from '../../src/cli/commands/run.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'hallpass-detached-'))
  onTestFinished(() => rmSync(home, { recursive: true, force: true }))
})

/** A program in place of the engine. It prints where it runs, and exits. */
const PROGRAM = [process.execPath, '-e', 'console.log("runs in " + process.cwd())']

test('starts no engine for a Microsoft Store client, which sees another data folder', async () => {
  const notes: string[] = []
  const parts = { platform: 'win32', container: () => 'Claude_x', note: (said: string) => notes.push(said) } as const
  await expect(startDetachedEngine(home, PROGRAM, parts)).rejects.toMatchObject({ reason: 'store_container' })
  expect(notes).toEqual([])
})

test('warns a client on Windows before starting that the engine may stop with it', async () => {
  const notes: string[] = []
  const parts = { platform: 'win32', container: () => null, note: (said: string) => notes.push(said) } as const
  await expect(startDetachedEngine(home, PROGRAM, parts)).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(notes).toEqual([expect.stringMatching(/may stop when this client stops/)])
})

test('an engine runs in the data folder, not in the folder of the client that started it', async () => {
  await expect(startDetachedEngine(home, PROGRAM, { platform: 'linux' })).rejects.toMatchObject({ code: 'INTERNAL' })
  expect(readFileSync(join(home, 'engine.log'), 'utf8')).toContain(`runs in ${home}`)
})

test('a command gets the signals that its terminal or console does not send it', () => {
  expect(forwardedSignals('linux', true)).toEqual(['SIGTERM', 'SIGHUP'])
  expect(forwardedSignals('darwin', false)).toEqual(['SIGTERM', 'SIGHUP', 'SIGINT', 'SIGQUIT'])
  // On Windows, sending a signal ends a program immediately, and the console has already notified it.
  expect(forwardedSignals('win32', true)).toEqual([])
  expect(forwardedSignals('win32', false)).toEqual([])
})
