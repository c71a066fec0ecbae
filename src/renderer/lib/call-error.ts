import { ORPCError } from '@orpc/client'
import { t } from '../../contract/text/translate.ts'

export interface CallError {
  code: string
  sentence: string
  /** The API's name of the invalid field: `name`, `config.url`. */
  field?: string
  /** Why it failed, where a screen branches on it. */
  reason?: string
}

/**
 * Returns a failed call as a sentence for people. Errors of the engine have one, and anything else means that the
 * engine is lost.
 */
export function callErrorOf(thrown: unknown): CallError {
  if (thrown instanceof ORPCError) {
    const { code, field, reason } = (thrown.data ?? {}) as Partial<Record<string, unknown>>
    return {
      code: typeof code === 'string' ? code : thrown.code,
      sentence: thrown.message,
      ...(typeof field === 'string' ? { field } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
    }
  }
  return { code: 'LOST', sentence: t`Can't reach Hallpass.` }
}

/** Returns true if the call never reached an engine, so that it can be repeated safely. */
export function isLost(thrown: unknown): boolean {
  return !(thrown instanceof ORPCError)
}

/** Returns true if no engine answered: none is reached, or the app that passes calls on has none (502). */
export function hasNoEngine(thrown: unknown): boolean {
  return isLost(thrown) || (thrown instanceof ORPCError && thrown.status === 502)
}

/** Returns true if the console's cookie is missing or expired. */
export function isSignedOut(thrown: unknown): boolean {
  return thrown instanceof ORPCError && thrown.status === 401
}
