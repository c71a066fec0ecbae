import { randomUUID } from 'node:crypto'
import { ORPCError, ValidationError } from '@orpc/server'
import { asHallpassError, type HallpassError, ownerErrorData, type OwnerErrorData } from '../../contract/errors.ts'
import { invalidInput } from '../../contract/input-errors.ts'

/**
 * Converts anything thrown behind the owner API to an oRPC error with our code and sentence, never with a cause or
 * stack.
 */
export function asOwnerApiError(
  thrown: unknown,
  report: (error: HallpassError) => void,
): ORPCError<string, OwnerErrorData> {
  const error = fromValidation(thrown) ?? asHallpassError(thrown, randomUUID())
  if (error.code === 'INTERNAL') report(error)
  return new ORPCError(error.code, { status: error.status, message: error.message, data: ownerErrorData(error) })
}

function fromValidation(thrown: unknown): HallpassError | null {
  if (!(thrown instanceof ORPCError) || thrown.code !== 'BAD_REQUEST' || !(thrown.cause instanceof ValidationError))
    return null
  return invalidInput(thrown.cause.issues)
}
