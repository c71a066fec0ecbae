import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endTree } from './end-tree.ts'
import { markedProcesses, startOf } from './process-table.ts'

interface Entry {
  pid: number
  start: string | null
}

/** What we started, on disk, so that after a kill of Hallpass the next start ends what was left running. */
export interface ChildLedger {
  /** A name for a child about to start; written down before it exists, so that it is found by it whatever happens. */
  open(): string
  started(marker: string, pid: number): Promise<void>
  ended(marker: string): void
  /** Without waiting, for a process that is about to exit: whatever still runs is killed with its group. */
  killAll(): void
  /** Ends what an earlier Hallpass left; answers how many children that were. */
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
    // A process id is used again by the system: only the same start is the same process.
    const running = entry !== null && entry.start !== null && (await startOf(entry.pid)) === entry.start
    const left = running || (await markedProcesses(marker)).length > 0
    // -1 and 0 as a group would be everybody: without a live root, only the marked ones are ended.
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

/** Above every process id there is (Linux: 4,194,304; macOS: 99,999), so that a signal to it reaches nobody. */
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
    // Cut off while it was written: the marker in the environment tells the child all the same.
    return null
  }
}
