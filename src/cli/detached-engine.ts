import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { storeContainerOf } from '../platform/store-container.ts'
import { engineRuns } from '../control/control-client.ts'
import { HallpassError } from '../contract/errors.ts'

/** Long enough for the desktop app, which loads its tray as well. */
const START_LIMIT_MS = 20_000
const POLL_MS = 40
/** Another client may have started an engine at the same moment. Ours then exits, and the other one gets this long to start. */
const RIVAL_LIMIT_MS = 3000

interface DetachedParts {
  platform?: NodeJS.Platform
  /** Returns the Microsoft Store package whose private files this process sees, or null. */
  container?: (folder: string) => string | null
  note?: (sentence: string) => void
}

/**
 * Starts an engine in the background, with its output in `engine.log`, and waits until it responds. `command` is a
 * program and its arguments. On Windows, a client can put the processes it starts into a job that ends with it, and
 * Node can't leave a job. A client from the Microsoft Store also has a private data folder, in which an engine would
 * find none of the owner's connections.
 */
export async function startDetachedEngine(
  home: string,
  command: readonly string[] = serveCommand(),
  { platform = process.platform, container = storeContainerOf, note = printNote }: DetachedParts = {},
): Promise<void> {
  mkdirSync(home, { recursive: true, mode: 0o700 })
  if (platform === 'win32') {
    if (container(home) !== null) {
      throw new HallpassError(
        'INTERNAL',
        "Hallpass isn't running, and a client from the Microsoft Store can't start it, because Windows gives it a separate data folder. Start the Hallpass app, then restart the client.",
        { reason: 'store_container' },
      )
    }
    note('Starting Hallpass. It may stop when this client stops. To keep it running, start the Hallpass app first.')
  }
  const logFile = join(home, 'engine.log')
  const log = openSync(logFile, 'a', 0o600)
  const [program = '', ...args] = command
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    windowsHide: true,
    // Avoids the client's folder, which could be any repository.
    cwd: home,
  })
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
      const [last = 'no output'] = readFileSync(logFile, 'utf8').trim().split('\n').slice(-1)
      throw new HallpassError(
        'INTERNAL',
        `Couldn't start the engine: ${last.replace(/^hallpass: /, '')} See engine.log in the data folder.`,
      )
    }
    await sleep(POLL_MS)
  }
}

function serveCommand(): string[] {
  return [process.execPath, ...process.execArgv, process.argv[1] ?? '', 'serve', '--detached']
}

function printNote(sentence: string): void {
  process.stderr.write(`hallpass: ${sentence}\n`)
}
