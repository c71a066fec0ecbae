import { statSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { TlsFiles } from '../../contract/settings.ts'
import type { Clock } from '../clock.ts'
import { readPrivateFile } from '../secrets/private-file.ts'

/** Certificate chain and private key, as PEM. */
export interface TlsPair {
  cert: string
  key: string
}

const MAX_PEM_BYTES = 256 * 1024
/** How often the files are checked. Watching folders misses links that are replaced, as certificate tools do. */
const CHECK_EVERY_MS = 10_000

/** Reads both files and checks that they work together. Throws INVALID_REQUEST with the field of the file at fault. */
export function readTlsPair(files: TlsFiles, fields: TlsFiles = { cert: 'tls.cert', key: 'tls.key' }): TlsPair {
  const certificate = { name: 'the TLS certificate', field: fields.cert, maxBytes: MAX_PEM_BYTES, isPublic: true }
  const cert = readPrivateFile(files.cert, certificate)
  const key = readPrivateFile(files.key, { name: 'the TLS key', field: fields.key, maxBytes: MAX_PEM_BYTES })
  try {
    // Node ignores empty texts.
    if (cert.trim() === '' || key.trim() === '') throw new Error('A file is empty.')
    createSecureContext({ cert, key })
  } catch (cause) {
    throw invalidRequest(
      "The TLS certificate and key don't work together. Both must be PEM files, the key without a passphrase.",
      fields.cert,
      { cause },
    )
  }
  return { cert, key }
}

interface TlsWatchParts {
  files: TlsFiles
  /** The pair in use. */
  pair: TlsPair
  clock: Clock
  onRenewed(pair: TlsPair): void
  /** Called with a sentence if changed files can't be used, and with null once they can. */
  onProblem(sentence: string | null): void
}

/** Reads the files again when they change. Keeps the previous pair if the new one can't be used. Returns a function that stops it. */
export function watchTlsFiles({ files, pair, clock, onRenewed, onProblem }: TlsWatchParts): () => void {
  let used = pair
  let seen: string | null = null
  let failures = 0

  function check(): void {
    const stamp = `${stampOf(files.cert)} ${stampOf(files.key)}`
    if (stamp === seen && failures === 0) return
    seen = stamp
    try {
      const next = readTlsPair(files)
      if (next.cert !== used.cert || next.key !== used.key) onRenewed(next)
      used = next
      if (failures > 0) onProblem(null)
      failures = 0
    } catch (thrown) {
      failures += 1
      const reason = thrown instanceof HallpassError ? thrown.message : "The TLS files can't be read."
      // One file is written before the other, so the next check decides.
      if (failures === 2) onProblem(`The certificate on disk isn't used, and the one before still is. ${reason}`)
    }
  }

  let cancel = clock.after(CHECK_EVERY_MS, next)
  function next(): void {
    cancel = clock.after(CHECK_EVERY_MS, next)
    check()
  }
  return () => cancel()
}

/** Returns a text that changes when the file changes. Follows links. */
function stampOf(path: string): string {
  try {
    const { ino, size, mtimeMs, ctimeMs } = statSync(path)
    return `${ino}:${size}:${mtimeMs}:${ctimeMs}`
  } catch {
    // Files can be replaced by removing and writing them. If one stays missing, reading it reports that.
    return 'missing'
  }
}
