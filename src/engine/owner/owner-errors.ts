import { randomUUID } from 'node:crypto'
import { ORPCError, ValidationError } from '@orpc/server'
import { asHallpassError, HallpassError } from '../../contract/errors.ts'

/** Anything thrown behind the owner API as the oRPC error that crosses: our code and sentence, never a cause or a stack. */
export function asOwnerApiError(
  thrown: unknown,
  report: (error: HallpassError) => void,
): ORPCError<string, { code: string }> {
  const error = fromValidation(thrown) ?? asHallpassError(thrown, randomUUID())
  if (error.code === 'INTERNAL') report(error)
  return new ORPCError(error.code, { status: error.status, message: error.message, data: { code: error.code } })
}

/** An input that its schema refuses names its fields. Issues hold no input values, so no secret can stand in them. */
function fromValidation(thrown: unknown): HallpassError | null {
  if (!(thrown instanceof ORPCError) || thrown.code !== 'BAD_REQUEST' || !(thrown.cause instanceof ValidationError))
    return null
  const sentences = thrown.cause.issues.map((issue) => {
    const path = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  return new HallpassError('INVALID_REQUEST', `${sentences.join('; ')}.`)
}
