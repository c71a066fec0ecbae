import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { startOf, treeOf } from './process-table.ts'

const run = promisify(execFile)
const POLL_MS = 25

/**
 * Ends a child with everything it started: SIGTERM to its group, and after `graceMs` SIGKILL to all that is left of the tree. Resolves
 * when nothing of it runs any more. The root need not be alive: what it left behind ends too.
 */
export async function endTree(root: number, marker: string, graceMs: number): Promise<void> {
  if (process.platform === 'win32') {
    await run('taskkill', ['/PID', String(root), '/T', '/F']).catch(() => undefined)
    return
  }
  // Taken before the first signal: what loses its parent then could not be traced to us afterwards.
  const known = new Map<number, string>()
  await note(known, root, marker)
  signalAll(known.keys(), root, 'SIGTERM')
  const deadline = performance.now() + graceMs
  while (performance.now() < deadline && (await living(known)).length > 0) await sleep(POLL_MS)
  // A child may have started others while it was asked to end: look until a look finds none.
  for (let round = 0; round < 40; round += 1) {
    await note(known, root, marker)
    const left = await living(known)
    if (left.length === 0) return
    signalAll(left, root, 'SIGKILL')
    await sleep(POLL_MS)
  }
}

/** With the start of each: the system may give the number of an ended process to somebody else's. */
async function note(known: Map<number, string>, root: number, marker: string): Promise<void> {
  for (const pid of await treeOf(root, marker)) {
    const start = known.has(pid) ? null : await startOf(pid)
    if (start !== null) known.set(pid, start)
  }
}

async function living(known: ReadonlyMap<number, string>): Promise<number[]> {
  const found = await Promise.all([...known].map(async ([pid, start]) => ((await startOf(pid)) === start ? [pid] : [])))
  return found.flat()
}

function signalAll(pids: Iterable<number>, group: number, signal: NodeJS.Signals): void {
  for (const pid of [-group, ...pids]) {
    try {
      process.kill(pid, signal)
    } catch (thrown) {
      // Gone already (ESRCH), or a program that became another user (EPERM): neither can be ended by us.
      if (!['ESRCH', 'EPERM'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown
    }
  }
}
