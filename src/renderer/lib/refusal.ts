import { ORPCError } from '@orpc/client'

export interface Refusal {
  code: string
  sentence: string
}

/** What a failed call says to a person. Refusals of the engine carry their own sentence; anything else is a lost engine. */
export function refusalOf(thrown: unknown): Refusal {
  if (thrown instanceof ORPCError) {
    const code: unknown = (thrown.data as { code?: unknown } | undefined)?.code
    return { code: typeof code === 'string' ? code : thrown.code, sentence: thrown.message }
  }
  return { code: 'LOST', sentence: 'The engine does not answer. Hallpass tries again by itself.' }
}

/** True when the call never reached an engine: nothing was refused, it may be made again. */
export function isLost(thrown: unknown): boolean {
  return !(thrown instanceof ORPCError)
}

/** The console's cookie is missing or over. */
export function isSignedOut(thrown: unknown): boolean {
  return thrown instanceof ORPCError && thrown.status === 401
}
