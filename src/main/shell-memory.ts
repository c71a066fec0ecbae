import { readFileSync, writeFileSync } from 'node:fs'
import { replaceByRenameSync } from '../platform/replace-by-rename.ts'

/** What the shell remembers between starts. It contains no secret, and losing it does no harm. */
interface ShellMemory {
  bounds?: unknown
  /** The user has seen that closing the window leaves the app in the tray. */
  told_of_tray?: boolean
  /** Access was paused by a locked screen or a sleeping computer, not by the owner. */
  paused_by_shell?: boolean
  /** Items that were notified about, by ID: null while open, else when they were seen closed. */
  noticed?: Record<string, number | null>
}

export interface StoredMemory {
  readonly current: Readonly<ShellMemory>
  store(changes: ShellMemory): void
}

export function openShellMemory(file: string): StoredMemory {
  let current = read(file)
  return {
    get current() {
      return current
    },
    store(changes) {
      current = { ...current, ...changes }
      const fresh = `${file}.new`
      try {
        writeFileSync(fresh, JSON.stringify(current), { mode: 0o600 })
        replaceByRenameSync(fresh, file)
      } catch (thrown) {
        console.error(
          `hallpass: the window's position was not saved: ${(thrown as NodeJS.ErrnoException).code ?? 'unknown'}`,
        )
      }
    },
  }
}

function read(file: string): ShellMemory {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return typeof value === 'object' && value !== null ? value : {}
  } catch {
    return {}
  }
}
