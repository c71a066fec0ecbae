import type { Server } from '@modelcontextprotocol/server'
import { HallpassError } from '../../../contract/errors.ts'
import type { Principal } from '../../access/principal.ts'
import type { Clock } from '../../clock.ts'
import type { ExchangeTransport } from './exchange-transport.ts'

const MOST_PER_TOKEN = 128
const MOST_ENDED = 10_000
const IDLE_MS = 30 * 60_000
const SWEEP_MS = 60_000
/** For calls that were cut off because their token ended, to say so in their answers. */
const LAST_ANSWERS_MS = 500

export interface Session {
  readonly id: string
  readonly server: Server
  readonly transport: ExchangeTransport
  /** Client name as logged. */
  readonly client: string | null
}

export interface SessionPool {
  /** The live session of that id, if it is this token's. */
  find(principal: Principal, id: string): Session | null
  /** Keeps a session until it is idle, ended, or its token ends. RATE_LIMITED when the token has too many that are all busy. */
  add(principal: Principal, session: Session): void
  /** Ends a session for good: its id is not taken up again. */
  end(id: string): void
  wasEnded(id: string): boolean
  closeAll(): Promise<void>
}

interface Kept {
  session: Session
  owner: string
  lastUsed: number
  release: () => void
}

/** The live sessions. Dropping one that is idle loses nothing: its id proves itself, so it is taken up again when it comes back. */
export function createSessionPool(clock: Clock): SessionPool {
  const sessions = new Map<string, Kept>()
  const ended = new Set<string>()
  let sweptAt = clock.monotonic()

  function drop(id: string, graceMs = 0): void {
    const kept = sessions.get(id)
    if (kept === undefined) return
    sessions.delete(id)
    kept.release()
    const close = (): void => void kept.session.server.close()
    if (graceMs === 0 || kept.session.transport.activity !== 'running') close()
    else setTimeout(close, graceMs).unref()
  }

  function sweep(): void {
    const now = clock.monotonic()
    if (now - sweptAt < SWEEP_MS) return
    sweptAt = now
    for (const [id, kept] of sessions)
      if (now - kept.lastUsed > IDLE_MS && kept.session.transport.activity === 'idle') drop(id)
  }

  function makeRoom(owner: string): void {
    const own = [...sessions.values()].filter((kept) => kept.owner === owner)
    if (own.length < MOST_PER_TOKEN) return
    // One that only streams gives way too, after the idle ones: its client opens the stream anew, by the same id.
    const idlest = own
      .filter((kept) => kept.session.transport.activity !== 'running')
      .toSorted((one, other) => rank(one) - rank(other) || one.lastUsed - other.lastUsed)[0]
    if (idlest === undefined) {
      throw new HallpassError(
        'RATE_LIMITED',
        `This token has ${MOST_PER_TOKEN} MCP sessions with calls running; wait until one is done.`,
      )
    }
    drop(idlest.session.id)
  }

  return {
    find(principal, id) {
      sweep()
      const kept = sessions.get(id)
      if (kept === undefined || kept.owner !== ownerOf(principal)) return null
      kept.lastUsed = clock.monotonic()
      return kept.session
    },
    add(principal, session) {
      sweep()
      const owner = ownerOf(principal)
      makeRoom(owner)
      const onEnd = (): void => {
        session.transport.endStream()
        drop(session.id, LAST_ANSWERS_MS)
      }
      principal.signal.addEventListener('abort', onEnd, { once: true })
      const release = (): void => principal.signal.removeEventListener('abort', onEnd)
      sessions.set(session.id, { session, owner, lastUsed: clock.monotonic(), release })
      if (principal.signal.aborted) onEnd()
    },
    end(id) {
      drop(id)
      ended.add(id)
      if (ended.size > MOST_ENDED)
        for (const oldest of ended) {
          ended.delete(oldest)
          break
        }
    },
    wasEnded: (id) => ended.has(id),
    async closeAll() {
      for (const id of sessions.keys()) drop(id)
    },
  }
}

function rank(kept: Kept): number {
  return kept.session.transport.activity === 'idle' ? 0 : 1
}

/** Whose a session is, in words that name nobody else ever. */
export function ownerOf(principal: Principal): string {
  return `${principal.project.id}/${principal.kind}/${principal.tokenId}/${principal.name}`
}
