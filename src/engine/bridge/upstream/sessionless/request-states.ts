import { randomBytes } from 'node:crypto'
import type { Principal } from '../../../access/principal.ts'
import type { Clock } from '../../../clock.ts'
import type { Store } from '../../../store/store.ts'
import { createPrincipalSeal } from '../../serve/principal-seal.ts'

/** What a client carries between two legs of one call (2026-07-28). */
export interface RequestState {
  /** The request that it belongs to: connection, upstream method, name or URI. */
  target: string
  /** The upstream's own state, given back to it untouched. */
  upstream?: string
  /** Number of the call that Hallpass holds open upstream. */
  held?: string
}

export interface RequestStates {
  mint(principal: Principal, state: RequestState): string
  /** Null for a state that is altered, too old, of another token, or was used before. */
  take(principal: Principal, text: string): RequestState | null
}

const SETTING = 'mcp_request_state_key'
/** As long as a person may take to answer. */
export const STATE_LIFE_MS = 10 * 60_000
const MAX_USED = 50_000

/**
 * Request states go through the client's hands, so they are signed for one token, bound to one request, good once and for ten
 * minutes. They are not encrypted: an upstream's state is shown to the client by the protocol itself.
 */
export function createRequestStates({
  clock,
  store,
}: {
  clock: Clock
  store?: Pick<Store, 'read' | 'write'>
}): RequestStates {
  const seal = createPrincipalSeal(SETTING, store)
  /** Marks of the states taken, with the instant when they are too old anyway. */
  const used = new Map<string, number>()

  /** A map keeps its order, so the oldest stand first. */
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
      // The signature is ours, so what it covers has the shape that mint gave it.
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
