import { randomBytes } from 'node:crypto'
import type { Principal } from '../../../access/principal.ts'
import type { Clock } from '../../../clock.ts'
import type { Store } from '../../../store/store.ts'
import { createPrincipalSeal } from '../../serve/principal-seal.ts'

/** State that a client carries between two requests of one call (2026-07-28). */
export interface RequestState {
  /** The request it belongs to: connection, upstream method, name or URI. */
  target: string
  /** The upstream's own state, returned to it unchanged. */
  upstream?: string
  /** ID of the call that Hallpass keeps open upstream. */
  held?: string
}

export interface RequestStates {
  mint(principal: Principal, state: RequestState): string
  /** Returns null if the state was altered, expired, used before or belongs to another token. */
  take(principal: Principal, text: string): RequestState | null
}

const SETTING = 'mcp_request_state_key'
/** As long as a person may take to answer. */
export const STATE_LIFE_MS = 10 * 60_000
const MAX_USED = 50_000

/**
 * Request states pass through the client, so each is signed for one token and one request, and works once within ten
 * minutes. They aren't encrypted, because the protocol shows an upstream's state to the client anyway.
 */
export function createRequestStates({
  clock,
  store,
}: {
  clock: Clock
  store?: Pick<Store, 'read' | 'write'>
}): RequestStates {
  const seal = createPrincipalSeal(SETTING, store)
  /** IDs of used states, with their expiry. */
  const used = new Map<string, number>()

  /** A Map keeps its order, so the oldest come first. */
  function forgetOld(now: number): void {
    for (const [mark, until] of used) {
      if (until >= now && used.size <= MAX_USED) return
      used.delete(mark)
    }
  }

  return {
    mint(principal, { target, upstream, held }) {
      const fields = [
        randomBytes(9).toString('base64url'),
        clock.now() + STATE_LIFE_MS,
        target,
        upstream ?? null,
        held ?? null,
      ]
      const body = Buffer.from(JSON.stringify(fields)).toString('base64url')
      return seal.seal(principal, body)
    },
    take(principal, text) {
      const body = seal.open(principal, text)
      if (body === null) return null
      // The signature is valid, so the content has the shape that `mint` wrote.
      type Fields = [string, number, string, string | null, string | null]
      const [mark, until, target, upstream, held] = JSON.parse(Buffer.from(body, 'base64url').toString()) as Fields
      const now = clock.now()
      if (until < now || used.has(mark)) return null
      used.set(mark, until)
      forgetOld(now)
      return { target, ...(upstream === null ? {} : { upstream }), ...(held === null ? {} : { held }) }
    },
  }
}
