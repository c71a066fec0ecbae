import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { windowsProgram } from '../../../platform/windows-programs.ts'
import { startOf, treeOf } from './process-table.ts'

const run = promisify(execFile)
const POLL_MS = 25

/**
 * Ends a child with everything it started: SIGTERM to its group, and after `graceMs` SIGKILL to the rest of the tree.
 * Resolves when none of it is running. The root may have ended already. Windows has no SIGTERM, so the tree is killed
 * immediately.
 */
export async function endTree(root: number, marker: string, graceMs: number): Promise<void> {
  if (process.platform === 'win32') {
    const args = ['/PID', String(root), '/T', '/F']
    // Fails if the process has already ended, which is fine.
    await run(windowsProgram('taskkill'), args, { windowsHide: true }).catch(() => undefined)
    return
  }
  // Listed before the first signal, because a process whose parent ended can't be traced to us.
  const known = new Map<number, string>()
  await note(known, root, marker)
  signalAll(known.keys(), root, 'SIGTERM')
  for (let waited = 0; waited < graceMs && (await living(known)).length > 0; waited += POLL_MS) await sleep(POLL_MS)
  // A child may have started others in the meantime, so this repeats until it finds none.
  for (let round = 0; round < 40; round += 1) {
    await note(known, root, marker)
    const left = await living(known)
    if (left.length === 0) return
    signalAll(left, root, 'SIGKILL')
    await sleep(POLL_MS)
  }
}

/** Records each process with its start time, because the system can reuse process IDs. */
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
      // The process has ended (ESRCH) or changed its user (EPERM). We can end neither.
      if (!['ESRCH', 'EPERM'].includes((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown
    }
  }
}
