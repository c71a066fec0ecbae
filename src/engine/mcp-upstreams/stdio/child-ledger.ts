import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endTree } from './end-tree.ts'
import { markedProcesses, startOf } from './process-table.ts'

interface Entry {
  pid: number
  start: string | null
}

/**
 * Records started processes on disk, so that after a kill of Hallpass the next start ends those that were left running.
 */
export interface ChildLedger {
  /**
   * Returns a marker for a child about to start. It is written before the process exists, so that the process can
   * always be found.
   */
  open(): string
  started(marker: string, pid: number): Promise<void>
  ended(marker: string): void
  /** Kills everything still running with its process groups, without waiting. For a process that is about to exit. */
  killAll(): void
  /** Ends what an earlier run left, and returns the number of children. */
  sweep(): Promise<number>
}

export function createChildLedger(home: string): ChildLedger {
  const folder = join(home, 'children')
  const fileOf = (marker: string): string => join(folder, marker)
  const ours = new Map<string, number | null>()

  function write(marker: string, entry: Entry | null): void {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    writeFileSync(fileOf(marker), entry === null ? '' : JSON.stringify(entry), { mode: 0o600 })
  }

  async function end(marker: string): Promise<boolean> {
    const entry = parse(readFileSync(fileOf(marker), 'utf8'))
    // The system reuses process IDs. Only the same start time means the same process.
    const running = entry !== null && entry.start !== null && (await startOf(entry.pid)) === entry.start
    const left = running || (await markedProcesses(marker)).length > 0
    // -1 and 0 as a group would mean every process. Without a living root, only marked processes are ended.
    if (left) await endTree(running ? entry.pid : NO_PROCESS, marker, 0)
    rmSync(fileOf(marker), { force: true })
    return left
  }

  return {
    open() {
      const marker = randomUUID()
      ours.set(marker, null)
      write(marker, null)
      return marker
    },
    async started(marker, pid) {
      if (ours.has(marker)) ours.set(marker, pid)
      const start = await startOf(pid)
      if (ours.has(marker)) write(marker, { pid, start })
    },
    ended(marker) {
      ours.delete(marker)
      rmSync(fileOf(marker), { force: true })
    },
    killAll() {
      for (const pid of ours.values()) {
        if (pid === null) continue
        try {
          process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL')
        } catch (thrown) {
          if ((thrown as NodeJS.ErrnoException).code !== 'ESRCH') continue
        }
      }
    },
    async sweep() {
      let ended = 0
      for (const marker of markers(folder)) {
        if (!ours.has(marker) && (await end(marker))) ended += 1
      }
      return ended
    },
  }
}

/** Higher than any process ID (Linux: 4,194,304; macOS: 99,999), so that a signal to it reaches no process. */
const NO_PROCESS = 0x7ffffff0

function markers(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => /^[0-9a-f-]{36}$/.test(name))
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw thrown
  }
}

function parse(text: string): Entry | null {
  try {
    const value = JSON.parse(text) as Partial<Entry>
    return Number.isSafeInteger(value.pid) && Number(value.pid) > 1
      ? { pid: Number(value.pid), start: value.start ?? null }
      : null
  } catch {
    // The write was interrupted. The marker in its environment still identifies the child.
    return null
  }
}
