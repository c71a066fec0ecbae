import { CommanderError } from 'commander'
import { HallpassError } from '../contract/errors.ts'

/** Codes of the contract: 1 could not reach or not allowed, 2 asked for something wrong, 130 interrupted. */
export const EXIT = { success: 0, failed: 1, invalid: 2, interrupted: 130 } as const

export function exitCodeOf(thrown: unknown): number {
  if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT.success : EXIT.invalid
  if (!(thrown instanceof HallpassError)) return EXIT.failed
  return thrown.code === 'INVALID_REQUEST' || thrown.code === 'NOT_FOUND' ? EXIT.invalid : EXIT.failed
}

/** One line on stderr. Commander has said its own already. */
export function printError(thrown: unknown): void {
  if (thrown instanceof CommanderError) return
  const sentence = thrown instanceof Error ? thrown.message : String(thrown)
  process.stderr.write(`hallpass: ${sentence}\n`)
}

/** What was asked for is wrong in itself: exit code 2. */
export function usageError(sentence: string): HallpassError {
  return new HallpassError('INVALID_REQUEST', sentence)
}
