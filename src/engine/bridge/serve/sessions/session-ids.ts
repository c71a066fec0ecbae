import { randomBytes } from 'node:crypto'
import type { Principal } from '../../../access/principal.ts'
import type { Store } from '../../../store/store.ts'
import { createPrincipalSeal } from '../principal-seal.ts'

/** Facts in a session ID, so that its session can be resumed after a restart. */
export interface SessionFacts {
  /** Client name and version from `initialize`. */
  name: string
  version: string
  protocol: string
  /** What the client can be asked for (`elicitation`, `sampling`, `roots`), without its other capabilities. */
  capabilities: Record<string, unknown>
}

export interface SessionIds {
  mint(principal: Principal, facts: SessionFacts): string
  /** Returns the facts, or null if the ID is unknown, altered or belongs to another token. */
  verify(principal: Principal, id: string): SessionFacts | null
}

const SETTING = 'mcp_session_key'
const LONGEST_ID = 1024
const LONGEST_CAPABILITIES = 300

/**
 * Session IDs that verify themselves: random bits and the session's facts, signed for one token. Nothing about sessions
 * is stored. An ID alone gives no access, because every request is authenticated.
 */
export function createSessionIds(store?: Pick<Store, 'read' | 'write'>): SessionIds {
  const seal = createPrincipalSeal(SETTING, store)

  return {
    mint(principal, facts) {
      const text = JSON.stringify([
        facts.name.slice(0, 64),
        facts.version.slice(0, 32),
        facts.protocol.slice(0, 16),
        answerable(facts.capabilities),
      ])
      const body = `${randomBytes(16).toString('base64url')}.${Buffer.from(text).toString('base64url')}`
      return seal.seal(principal, body)
    },
    verify(principal, id) {
      if (id.length > LONGEST_ID) return null
      const body = seal.open(principal, id)
      if (body === null) return null
      // The signature is valid, so the content has the shape that `mint` wrote.
      const text = Buffer.from(body.slice(body.indexOf('.') + 1), 'base64url').toString()
      const [name, version, protocol, capabilities = {}] = JSON.parse(text) as [
        string,
        string,
        string,
        Record<string, unknown>?,
      ]
      return { name, version, protocol, capabilities }
    },
  }
}

/** An ID has to fit in a header, so only the names of unusually long capabilities are included. */
function answerable({ elicitation, sampling, roots }: Record<string, unknown>): Record<string, unknown> {
  const declared = Object.entries({ elicitation, sampling, roots }).filter(
    ([, value]) => typeof value === 'object' && value !== null,
  )
  const whole = Object.fromEntries(declared)
  return JSON.stringify(whole).length <= LONGEST_CAPABILITIES
    ? whole
    : Object.fromEntries(declared.map(([name]) => [name, {}]))
}
