import { randomUUID } from 'node:crypto'
import { ORPCError } from '@orpc/client'
import { ValidationError } from '@orpc/contract'
import { asHallpassError, errorFromOwnerData, HallpassError } from '../contract/errors.ts'
import { invalidInput } from '../contract/input-errors.ts'

/**
 * Converts anything thrown by an engine to a HallpassError. This process's engine is a separate bundle with its own
 * class, so errors are recognized by their shape.
 */
export function toHallpassError(thrown: unknown): HallpassError {
  if (thrown instanceof HallpassError) return thrown
  if (thrown instanceof ORPCError) {
    const validation = thrown.code === 'BAD_REQUEST' && thrown.cause instanceof ValidationError ? thrown.cause : null
    if (validation !== null) return invalidInput(validation.issues)
    if (thrown.code === 'NOT_FOUND') return new HallpassError('NOT_FOUND', 'No such call.')
  }
  if (thrown instanceof Error) {
    const { data } = thrown as { data?: unknown }
    const crossed = errorFromOwnerData(thrown.name === 'HallpassError' ? thrown : data, thrown.message)
    if (crossed !== null) return crossed
  }
  return asHallpassError(thrown, randomUUID())
}

/** Returns the sentence to show for a failure. */
export function errorMessage(thrown: unknown): string {
  return toHallpassError(thrown).message
}
