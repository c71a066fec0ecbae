import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { usageError } from './errors.ts'

export interface TokenFile {
  write(line: string): void
  close(): void
}

/** Creates the file for the secrets of new tokens, readable only by this user. It is removed again if there are none. */
export function openTokenFile(path: string): TokenFile {
  let isUsed = false
  const descriptor = create(path)
  return {
    write(line) {
      isUsed = true
      writeSync(descriptor, line)
    },
    close() {
      closeSync(descriptor)
      if (!isUsed) rmSync(path, { force: true })
    },
  }
}

function create(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    throw usageError(
      code === 'EEXIST'
        ? `${path} already exists. Choose another --token-file, so that no token is overwritten.`
        : `Couldn't create ${path} (${code ?? 'error'}).`,
    )
  }
}
