import { realpathSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where Windows puts what a program of the Microsoft Store writes below AppData. */
const PRIVATE_COPY = /\\Packages\\([^\\]+)\\LocalCache\\/i

export interface ContainerParts {
  /** Returns where the system really keeps a file. */
  realPath?: (file: string) => string
}

/**
 * Returns the Microsoft Store package that has a private copy of this folder, or null. A file is written to find out: the folder
 * itself may be the one that everybody sees, while what is written into it is not.
 */
export function storeContainerOf(
  folder: string,
  { realPath = realpathSync.native }: ContainerParts = {},
): string | null {
  const file = join(folder, `place-${process.pid}.tmp`)
  try {
    writeFileSync(file, '', { mode: 0o600 })
    return PRIVATE_COPY.exec(realPath(file))?.[1] ?? null
  } finally {
    rmSync(file, { force: true })
  }
}
