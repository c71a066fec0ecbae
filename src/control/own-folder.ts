import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { HallpassError } from '../contract/errors.ts'

/** Makes the folder for this user alone. One that is a link, or another user's, is refused: it could lead the socket away. */
export function makeOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!isOwnFolder(folder)) {
    throw new HallpassError(
      'INTERNAL',
      `The folder for the control socket (${folder}) is not a plain folder of this user.`,
    )
  }
  chmodSync(folder, 0o700)
}

export function isOwnFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory()) return false
  return process.getuid === undefined || found.uid === process.getuid()
}
