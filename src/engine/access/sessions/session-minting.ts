import { randomBytes } from 'node:crypto'
import { HallpassError } from '../../../contract/errors.ts'
import type { SessionRecord } from '../../../contract/records.ts'
import { sessionRecord } from '../tokens/access-records.ts'
import { createLife } from '../tokens/life.ts'
import type { Lifetime } from '../tokens/lifetime.ts'
import type { SessionAccess } from './session-access.ts'
import type { Principal, RateLimit } from '../principal.ts'
import type { LiveSession, SessionTable } from './session-table.ts'
import { newSessionToken } from '../../text/token-format.ts'

/** Parent of a new session token: a token, or the owner and a project. */
interface SessionParent {
  tokenId: number | null
  name: string
  project: { id: number; name: string }
  expiresAt: number | null
  /** Null for session tokens of the owner, which each have their own bucket. */
  rateKey: string | null
  rate: RateLimit
  budget?: Principal['budget']
}

const MAX_PER_PARENT = 10_000

interface NewSession {
  parent: SessionParent
  granted: SessionAccess
  seconds: number
  maxRequests: number | null
  label?: string | undefined
  generation: number
}

/** Adds a session token to the table. Throws RATE_LIMITED if its parent has too many. */
export function mintInto(
  sessions: SessionTable,
  lifetime: Lifetime,
  requested: NewSession,
): { token: string; record: SessionRecord } {
  const { parent, granted } = requested
  if (sessions.countOf(parent.tokenId) >= MAX_PER_PARENT) {
    const sentence = `This token already has ${MAX_PER_PARENT.toLocaleString('en')} session tokens. Wait until some expire, or revoke some.`
    throw new HallpassError('RATE_LIMITED', sentence)
  }
  const now = lifetime.now()
  const expiresAt = Math.min(now + requested.seconds * 1000, parent.expiresAt ?? Infinity)
  const secret = newSessionToken()
  const id = `${labelOf(requested.label)}-${randomBytes(6).toString('hex')}`
  const life = createLife()
  const principal: Principal = Object.freeze({
    kind: 'session',
    name: id,
    parent: parent.name,
    tokenId: parent.tokenId,
    sessionId: id,
    hash: secret.hash,
    project: parent.project,
    grants: granted.grants,
    expiresAt,
    rateKey: parent.rateKey ?? `session:${id}`,
    rate: parent.rate,
    budget: parent.budget ?? null,
    signal: life.signal,
  })
  const session: LiveSession = {
    id,
    hash: secret.hash,
    tokenId: parent.tokenId,
    parentName: parent.name,
    project: parent.project,
    connection: granted.connection,
    permissions: granted.permissions,
    resources: granted.resources,
    own: granted.grants,
    createdAt: now,
    expiresAt,
    deadline: lifetime.deadline(expiresAt),
    maxRequests: requested.maxRequests,
    label: requested.label ?? null,
    life,
    requests: 0,
    lastUsedAt: null,
    principal,
    generation: requested.generation,
  }
  sessions.add(session)
  return { token: secret.token, record: sessionRecord(session) }
}

function labelOf(label: string | undefined): string {
  const plain = (label ?? '').replaceAll(/[^A-Za-z0-9._-]+/g, '-').slice(0, 63)
  return plain === '' ? 's' : plain
}
