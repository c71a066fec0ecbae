import { implement } from '@orpc/server'
import { ownerApi } from '../../contract/owner-api.ts'
import { createOwnerActions, type OwnerActions } from './owner-actions.ts'
import { asOwnerApiError } from './owner-errors.ts'
import type { OwnerParts } from './owner-parts.ts'

/** Returns the contract's implementer, whose handlers' failures are converted by `asError`. */
function createImplementer(asError: (thrown: unknown) => Error) {
  return implement(ownerApi).use(async ({ next }) => {
    try {
      return await next()
    } catch (thrown) {
      throw asError(thrown)
    }
  })
}

/** Shared by the handlers of each part of the owner API. */
export interface OwnerDesk {
  os: ReturnType<typeof createImplementer>
  parts: OwnerParts
  actions: OwnerActions
  /** Event streams fail after their handler has returned. This converts their errors like all others. */
  crossing<T>(events: AsyncIterator<T>): AsyncIteratorObject<T, undefined, void>
}

export function createOwnerDesk(parts: OwnerParts): OwnerDesk {
  const asError = (thrown: unknown): Error => asOwnerApiError(thrown, (error) => parts.report?.(error))
  return {
    os: createImplementer(asError),
    parts,
    actions: createOwnerActions(parts.opener, parts.log, (topics) => parts.changes.announce(topics)),
    // Not a generator, whose `return` would wait for an event that may never come.
    crossing: (events) => ({
      async next() {
        try {
          const result = await events.next()
          return result.done === true ? { done: true, value: undefined } : result
        } catch (thrown) {
          throw asError(thrown)
        }
      },
      async return() {
        await events.return?.()
        return { done: true, value: undefined }
      },
      [Symbol.asyncIterator]() {
        return this
      },
      async [Symbol.asyncDispose]() {
        await events.return?.()
      },
    }),
  }
}

/** In-process calls may have no signal. */
export function signalOf(signal: AbortSignal | undefined): AbortSignal {
  return signal ?? new AbortController().signal
}
