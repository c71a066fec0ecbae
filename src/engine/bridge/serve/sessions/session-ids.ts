import { randomBytes } from 'node:crypto'
import type { Principal } from '../../../access/principal.ts'
import type { Store } from '../../../store/store.ts'
import { createPrincipalSeal } from '../principal-seal.ts'

/** What a session id says of its session, so that it can be taken up again after a restart. */
export interface SessionFacts {
  /** Client name and version, as given at `initialize`. */
  name: string
  version: string
  protocol: string
  /** What the client can be asked for: `elicitation`, `sampling`, `roots`, and nothing else of what it declared. */
  capabilities: Record<string, unknown>
}

export interface SessionIds {
  mint(principal: Principal, facts: SessionFacts): string
  /** The facts, or null for an id that is unknown, altered, or of another token. */
  verify(principal: Principal, id: string): SessionFacts | null
}

const SETTING = 'mcp_session_key'
const LONGEST_ID = 1024
const LONGEST_CAPABILITIES = 300

/**
 * Session ids that prove themselves: random bits and the session's facts, signed for one token. Nothing about sessions
 * is stored, and an id alone opens nothing: the token is checked with every request.
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
      // The signature is ours, so what it covers has the shape that mint gave it.
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

/** An id has to fit a header, so capabilities that are longer than any client declares are kept by their names alone. */
function answerable({ elicitation, sampling, roots }: Record<string, unknown>): Record<string, unknown> {
  const declared = Object.entries({ elicitation, sampling, roots }).filter(
    ([, value]) => typeof value === 'object' && value !== null,
  )
  const whole = Object.fromEntries(declared)
  return JSON.stringify(whole).length <= LONGEST_CAPABILITIES
    ? whole
    : Object.fromEntries(declared.map(([name]) => [name, {}]))
}
