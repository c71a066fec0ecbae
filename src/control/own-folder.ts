import { chmodSync, lstatSync, mkdirSync } from 'node:fs'
import { HallpassError } from '../contract/errors.ts'

/**
 * Creates the folder for this user only. Throws for a link or another user's folder, which could redirect the socket.
 */
export function makeOwnFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (!isOwnFolder(folder)) {
    throw new HallpassError(
      'INTERNAL',
      `The folder for the control socket (${folder}) must be a regular folder that belongs to you.`,
    )
  }
  chmodSync(folder, 0o700)
}

export function isOwnFolder(folder: string): boolean {
  const found = lstatSync(folder, { throwIfNoEntry: false })
  if (found === undefined || !found.isDirectory()) return false
  return process.getuid === undefined || found.uid === process.getuid()
}
