import { randomBytes } from 'node:crypto'
import { closeSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { failingWith, syncFolder } from './data-folder.ts'

const KEY_FILE = 'log.key'
const KEY_BYTES = 32

export interface LogKey {
  readonly key: Buffer
  /** True if there was no usable key. */
  readonly created: boolean
  /**
   * The last ID from before the log was sealed. Null until it is known. It is outside the database, so that a program with the
   * database alone can't declare sealed rows older than the seals, or all of them never written.
   */
  readonly origin: number | null
  /** Stores the origin durably. */
  setOrigin(lastUnsealedId: number): void
}

/**
 * Opens the key that seals the request log. It is in a separate file of the data folder, so that the database alone
 * isn't enough to seal changed rows.
 */
export function openLogKey(home: string): LogKey {
  const file = join(home, KEY_FILE)
  const stored = readKey(file)
  let origin = stored?.origin ?? null
  const key = stored?.key ?? randomBytes(KEY_BYTES)
  if (stored === null) write(home, 'w', `${key.toString('hex')}\n`)
  return {
    key,
    created: stored === null,
    get origin() {
      return origin
    },
    setOrigin(lastUnsealedId) {
      // Appended, because a kill while the file is rewritten would lose the key. The last line counts.
      write(home, 'a', `\norigin ${lastUnsealedId}\n`)
      origin = lastUnsealedId
    },
  }
}

function write(home: string, flags: 'w' | 'a', text: string): void {
  failingWith("Couldn't write to the data folder. Check its permissions and free disk space.", () => {
    const descriptor = openSync(join(home, KEY_FILE), flags, 0o600)
    try {
      writeSync(descriptor, text)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    syncFolder(home)
  })
}

function readKey(file: string): { key: Buffer; origin: number | null } | null {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw thrown
  }
  const [, hex] = /^([0-9a-f]{64})(?:\n|$)/.exec(text) ?? []
  if (hex === undefined) return null
  const origin = [...text.matchAll(/^origin (\d+)\n/gm)].at(-1)?.[1]
  return { key: Buffer.from(hex, 'hex'), origin: origin === undefined ? null : Number(origin) }
}
