import { ORPCError } from '@orpc/client'

export interface CallError {
  code: string
  sentence: string
  /** The API's name of the field at fault: `name`, `config.url`. */
  field?: string
  /** Why it failed, where a screen branches on it. */
  reason?: string
}

/** Returns what a failed call says to a person. The engine's errors carry their own sentence; anything else is a lost engine. */
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
  return { code: 'LOST', sentence: "Can't reach Hallpass. Retrying…" }
}

/** True when the call never reached an engine: nothing was refused, it may be made again. */
export function isLost(thrown: unknown): boolean {
  return !(thrown instanceof ORPCError)
}

/** The console's cookie is missing or over. */
export function isSignedOut(thrown: unknown): boolean {
  return thrown instanceof ORPCError && thrown.status === 401
}
