import { randomUUID } from 'node:crypto'
import { ORPCError } from '@orpc/client'
import { ValidationError } from '@orpc/contract'
import { asHallpassError, ERROR_TABLE, HallpassError, type ErrorCode } from '../contract/errors.ts'

/**
 * Anything thrown on the way to an engine as a HallpassError. The engine of this process is a bundle of its own, so what it
 * throws is known by its shape, not by its class.
 */
export function refusalOf(thrown: unknown): HallpassError {
  if (thrown instanceof HallpassError) return thrown
  if (thrown instanceof ORPCError) {
    const validation = thrown.code === 'BAD_REQUEST' && thrown.cause instanceof ValidationError ? thrown.cause : null
    if (validation !== null) return new HallpassError('INVALID_REQUEST', fieldSentence(validation))
    if (thrown.code === 'NOT_FOUND') return new HallpassError('NOT_FOUND', 'No such call.')
  }
  if (thrown instanceof Error) {
    const { code, data } = thrown as { code?: unknown; data?: { code?: unknown } | undefined }
    const told = isErrorCode(data?.code)
      ? data.code
      : thrown.name === 'HallpassError' && isErrorCode(code)
        ? code
        : null
    if (told !== null) return new HallpassError(told, thrown.message)
  }
  return asHallpassError(thrown, randomUUID())
}

/** What a person reads about a failure. */
export function sentenceOf(thrown: unknown): string {
  return refusalOf(thrown).message
}

/** Names the fields. Issues hold no input values, so no secret can stand in them. */
function fieldSentence({ issues }: ValidationError): string {
  const sentences = issues.map((issue) => {
    const path = (issue.path ?? []).map((step) => String(typeof step === 'object' ? step.key : step)).join('.')
    return path === '' ? issue.message : `${path}: ${issue.message}`
  })
  return `${sentences.join('; ')}.`
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code)
}
