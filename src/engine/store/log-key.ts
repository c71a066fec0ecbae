import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { failingWith, syncFolder } from './data-folder.ts'

const KEY_FILE = 'log.key'
const KEY_BYTES = 32

/**
 * Returns the key that seals the request log. It is in a separate file of the data folder, so that the database alone
 * isn't enough to seal changed rows. `created` is true if there was no usable key.
 */
export function openLogKey(home: string): { key: Buffer; created: boolean } {
  const file = join(home, KEY_FILE)
  const stored = readKey(file)
  if (stored !== null) return { key: stored, created: false }
  const key = randomBytes(KEY_BYTES)
  failingWith("Couldn't write to the data folder. Check its permissions and free disk space.", () => {
    const descriptor = openSync(file, 'w', 0o600)
    try {
      writeSync(descriptor, `${key.toString('hex')}\n`)
      fsyncSync(descriptor)
    } finally {
      closeSync(descriptor)
    }
    syncFolder(home)
  })
  return { key, created: true }
}

function readKey(file: string): Buffer | null {
  let text
  try {
    text = readFileSync(file, 'utf8')
  } catch (thrown) {
    if ((thrown as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw thrown
  }
  return /^[0-9a-f]{64}\n?$/.test(text) ? Buffer.from(text.trim(), 'hex') : null
}
