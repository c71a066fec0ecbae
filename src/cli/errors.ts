import { CommanderError } from 'commander'
import { HallpassError, invalidRequest } from '../contract/errors.ts'

/** Exit codes of the contract. */
export const EXIT = { success: 0, failed: 1, invalid: 2, interrupted: 130 } as const

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.success : EXIT.invalid
  if (!(thrown instanceof HallpassError)) return EXIT.failed
  return thrown.code === 'INVALID_REQUEST' || thrown.code === 'NOT_FOUND' ? EXIT.invalid : EXIT.failed
}

/** Returns an error about the arguments themselves: exit code 2. */
export function usageError(sentence: string): HallpassError {
  return invalidRequest(sentence)
}
