import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { engineRuns } from '../control/control-client.ts'
import { HallpassError } from '../contract/errors.ts'

/** The app comes up with all that its tray needs. */
const START_LIMIT_MS = 20_000
const POLL_MS = 40
/** A second client may have started an engine at the same moment: ours then ends, and its one is waited for this long. */
const RIVAL_LIMIT_MS = 3000

/** Starts an engine on its own, by `hallpass serve` unless `words` say how, and what it says in `<home>/engine.log`, and waits until it answers. */
export async function startDetachedEngine(home: string, words: readonly string[] = serveWords()): Promise<void> {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  const logFile = join(home, 'engine.log')
  const log = openSync(logFile, 'a', 0o600)
  const [program = '', ...args] = words
  const child = spawn(program, args, { detached: true, stdio: ['ignore', log, log] })
  closeSync(log)
  let deadline = Date.now() + START_LIMIT_MS
  child.once('error', () => {
    deadline = 0
  })
  child.once('exit', () => {
    deadline = Math.min(deadline, Date.now() + RIVAL_LIMIT_MS)
  })
  child.unref()
  while (!(await engineRuns(home))) {
    if (Date.now() > deadline) {
      const [last = 'it said nothing'] = readFileSync(logFile, 'utf8').trim().split('\n').slice(-1)
      throw new HallpassError('INTERNAL', `The engine did not start: ${last.replace(/^hallpass: /, '')}`)
    }
    await sleep(POLL_MS)
  }
}

function serveWords(): string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', 'serve', '--detached']
}
