import type { Server } from '@modelcontextprotocol/server'
import { HallpassError } from '../../../../contract/errors.ts'
import type { Principal } from '../../../access/principal.ts'
import type { Clock } from '../../../clock.ts'
import type { ClientLink } from '../../upstream/serve-upstream.ts'
import type { ExchangeTransport } from './exchange-transport.ts'

const MAX_PER_TOKEN = 128
const MAX_ENDED = 10_000
const IDLE_MS = 10 * 60_000
const SWEEP_MS = 60_000
/** Time for interrupted calls of an ended token to send their response. */
const LAST_ANSWERS_MS = 500

export interface Session {
  readonly id: string
  readonly server: Server
  readonly transport: ExchangeTransport
  /** How its calls reach upstreams. */
  readonly clientLink: ClientLink
  /** Client name for the log. */
  readonly client: string | null
}

/** A client with an open session, over HTTP or stdio. */
export interface ConnectedClient {
  projectId: number
  /** Null for a session token. */
  tokenId: number | null
  /** Name and version for the log. */
  client: string | null
}

export interface SessionPool {
  /** Returns the live session with this ID, or null if there is none or it belongs to another token. */
  find(principal: Principal, id: string): Session | null
  /** Stores a session until it is idle or ended, or its token ends. Throws RATE_LIMITED if the token has too many busy ones. */
  add(principal: Principal, session: Session): void
  /** Ends a session for good: it can't be resumed by its ID. */
  end(id: string): void
  wasEnded(id: string): boolean
  /** Returns the clients of the live sessions. */
  open(): ConnectedClient[]
  closeAll(): Promise<void>
}

interface PooledSession {
  session: Session
  owner: string
  projectId: number
  tokenId: number | null
  lastUsed: number
  release: () => void
}

/**
 * The live sessions. Ten minutes after its last request or event stream, a session is dropped and its upstream sessions end. That
 * loses nothing else: its ID proves itself, so a client that comes back resumes it.
 */
export function createSessionPool(clock: Clock, onChange: () => void = () => {}): SessionPool {
  const sessions = new Map<string, PooledSession>()
  const ended = new Set<string>()
  let cancelSweep: (() => void) | null = null

  function drop(id: string, graceMs = 0): void {
    const pooled = sessions.get(id)
    if (pooled === undefined) return
    sessions.delete(id)
    pooled.release()
    onChange()
    const close = (): void => void pooled.session.server.close()
    if (graceMs === 0 || pooled.session.transport.activity !== 'running') close()
    else clock.after(graceMs, close)
  }

  /** Runs every minute while there is a session; one that isn't idle counts as used. */
  function sweepLater(): void {
    cancelSweep ??= clock.after(SWEEP_MS, () => {
      cancelSweep = null
      const now = clock.monotonic()
      for (const [id, pooled] of sessions) {
        if (pooled.session.transport.activity !== 'idle') pooled.lastUsed = now
        else if (now - pooled.lastUsed >= IDLE_MS) drop(id)
      }
      if (sessions.size > 0) sweepLater()
    })
  }

  function evictIdle(owner: string): void {
    const own = [...sessions.values()].filter((pooled) => pooled.owner === owner)
    if (own.length < MAX_PER_TOKEN) return
    // Sessions that only stream can be dropped too, after the idle ones: their client opens the stream again by the same ID.
    const idlest = own
      .filter((pooled) => pooled.session.transport.activity !== 'running')
      .toSorted((one, other) => rank(one) - rank(other) || one.lastUsed - other.lastUsed)[0]
    if (idlest === undefined) {
      throw new HallpassError(
        'RATE_LIMITED',
        `This token already has ${MAX_PER_TOKEN} busy MCP sessions. Wait until one is finished.`,
      )
    }
    drop(idlest.session.id)
  }

  return {
    find(principal, id) {
      const pooled = sessions.get(id)
      if (pooled === undefined || pooled.owner !== ownerOf(principal)) return null
      pooled.lastUsed = clock.monotonic()
      return pooled.session
    },
    add(principal, session) {
      const owner = ownerOf(principal)
      evictIdle(owner)
      const onEnd = (): void => {
        session.transport.endStream()
        drop(session.id, LAST_ANSWERS_MS)
      }
      principal.signal.addEventListener('abort', onEnd, { once: true })
      const release = (): void => principal.signal.removeEventListener('abort', onEnd)
      sessions.set(session.id, {
        session,
        owner,
        projectId: principal.project.id,
        tokenId: principal.kind === 'session' ? null : principal.tokenId,
        lastUsed: clock.monotonic(),
        release,
      })
      onChange()
      if (principal.signal.aborted) onEnd()
      sweepLater()
    },
    end(id) {
      drop(id)
      ended.add(id)
      if (ended.size > MAX_ENDED)
        for (const oldest of ended) {
          ended.delete(oldest)
          break
        }
    },
    wasEnded: (id) => ended.has(id),
    open: () =>
      [...sessions.values()].map(({ session, projectId, tokenId }) => ({ projectId, tokenId, client: session.client })),
    async closeAll() {
      for (const id of sessions.keys()) drop(id)
      cancelSweep?.()
    },
  }
}

function rank({ session }: PooledSession): number {
  return session.transport.activity === 'idle' ? 0 : 1
}

/** Returns a key that no other token of any project shares. */
export function ownerOf(principal: Principal): string {
  return `${principal.project.id}/${principal.kind}/${principal.tokenId}/${principal.name}`
}
