import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../access/principal.ts'
import type { Store } from '../store/store.ts'

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
  let key: Buffer | null = null

  function signingKey(): Buffer {
    if (key !== null) return key
    const kept = store?.read.setting(SETTING) ?? null
    key = kept === null ? randomBytes(32) : Buffer.from(kept, 'base64url')
    if (kept === null) store?.write.setSetting(SETTING, key.toString('base64url'))
    return key
  }

  // Row ids are used again after a delete, so the names stand beside them.
  function sign(principal: Principal, body: string): Buffer {
    const owner = JSON.stringify([principal.project.id, principal.project.name, principal.kind, principal.tokenId, principal.name])
    return createHmac('sha256', signingKey()).update(owner).update('\0').update(body).digest()
  }

  return {
    mint(principal, facts) {
      const text = JSON.stringify([facts.name.slice(0, 64), facts.version.slice(0, 32), facts.protocol.slice(0, 16), answerable(facts.capabilities)])
      const body = `${randomBytes(16).toString('base64url')}.${Buffer.from(text).toString('base64url')}`
      return `${body}.${sign(principal, body).toString('base64url')}`
    },
    verify(principal, id) {
      if (id.length > LONGEST_ID) return null
      const cut = id.lastIndexOf('.')
      if (cut < 0) return null
      const body = id.slice(0, cut)
      const expected = sign(principal, body).toString('base64url')
      const given = id.slice(cut + 1)
      if (given.length !== expected.length || !timingSafeEqual(Buffer.from(given), Buffer.from(expected))) return null
      // The signature is ours, so what it covers has the shape that mint gave it.
      const text = Buffer.from(body.slice(body.indexOf('.') + 1), 'base64url').toString()
      const [name, version, protocol, capabilities = {}] = JSON.parse(text) as [string, string, string, Record<string, unknown>?]
      return { name, version, protocol, capabilities }
    },
  }
}

/** An id has to fit a header, so capabilities that are longer than any client declares are kept by their names alone. */
function answerable({ elicitation, sampling, roots }: Record<string, unknown>): Record<string, unknown> {
  const declared = Object.entries({ elicitation, sampling, roots }).filter(([, value]) => typeof value === 'object' && value !== null)
  const whole = Object.fromEntries(declared)
  return JSON.stringify(whole).length <= LONGEST_CAPABILITIES ? whole : Object.fromEntries(declared.map(([name]) => [name, {}]))
}
