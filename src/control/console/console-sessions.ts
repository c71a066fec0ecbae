import { z } from 'zod'
import type { Clock } from '../../engine/clock.ts'
import { startLife, type Life } from './console-life.ts'
import { HASH_BYTES, hashOf, newSecret, sameHash } from './console-secret.ts'

export const SESSION_IDLE_MS = 12 * 3_600_000
const SWEEP_MS = 15_000
/** Browsers signed in at the same time. The oldest session is dropped to make room for a new one. */
const MAX_SESSIONS = 64
/** How often the use of sessions is stored. */
const SAVE_USE_MS = 60_000

/** One signed-in browser. `ended` is aborted at sign-out, after 12 idle hours, and when the engine stops. */
export interface ConsoleSession {
  readonly ended: AbortSignal
}

export interface ConsoleSessions {
  /** Both are returned once and stored as hashes: the cookie for the browser, the key for the page. */
  start(): { cookie: string; key: string }
  /** Returns the active session of one of these cookies and counts the call as use. */
  ofCookies(cookies: readonly string[]): ConsoleSession | null
  /** Like `ofCookies`, but the key must belong to the same session. */
  ofPage(cookies: readonly string[], key: string): ConsoleSession | null
  end(cookies: readonly string[]): void
  /** Signs out every browser. Returns how many. */
  endAll(): number
  /** Ends idle sessions. Also runs every 15 seconds. */
  sweep(): void
  /** Ends the streams of all sessions. Their browsers stay signed in at the next engine. */
  close(): void
}

interface Entry {
  cookie: Buffer
  key: Buffer
  life: Life
  ending: AbortController
}

/** Hashes of sessions, so that a page stays signed in when the engine restarts. */
export interface StoredSignIns {
  read(): string | null
  /** `isRevoking` if browsers were signed out, which a copy of the store from before must not undo. */
  write(text: string, isRevoking: boolean): void
}

const storedSchema = z.array(z.object({ cookie: z.base64(), key: z.base64(), used_at: z.number() })).max(MAX_SESSIONS)

export function createConsoleSessions(clock: Clock, stored: StoredSignIns): ConsoleSessions {
  const entries = new Set<Entry>(readEntries(clock, stored.read()))
  let savedAt = clock.monotonic()
  const timer = setInterval(sweep, SWEEP_MS).unref()

  let mustSave = false
  let isRevoking = false
  function save(): void {
    savedAt = clock.monotonic()
    mustSave = true
    const rows = [...entries].map(({ cookie, key, life }) => ({
      cookie: cookie.toString('base64'),
      key: key.toString('base64'),
      used_at: life.renewedAt,
    }))
    stored.write(JSON.stringify(rows), isRevoking)
    mustSave = isRevoking = false
  }

  /** For changes that nobody asked for. */
  function trySave(): void {
    try {
      save()
    } catch {
      // While the store can't be written, the log says why. The next sweep tries again.
    }
  }

  function finish(ended: readonly Entry[]): void {
    for (const entry of ended) {
      entries.delete(entry)
      entry.ending.abort()
      mustSave = isRevoking = true
    }
  }

  function sweep(): void {
    finish([...entries].filter(({ life }) => life.isExpired()))
    if (mustSave) trySave()
  }

  function matching(cookies: readonly string[]): Entry[] {
    sweep()
    const hashes = cookies.map(hashOf)
    return [...entries].filter((entry) => hashes.some((hash) => sameHash(entry.cookie, hash)))
  }

  function used(entry: Entry | undefined): ConsoleSession | null {
    if (entry === undefined) return null
    entry.life.renew()
    if (clock.monotonic() - savedAt >= SAVE_USE_MS) trySave()
    return { ended: entry.ending.signal }
  }

  return {
    sweep,
    start() {
      sweep()
      const [oldest] = entries
      if (oldest !== undefined && entries.size >= MAX_SESSIONS) finish([oldest])
      const [cookie, key] = [newSecret(), newSecret()]
      entries.add({
        cookie: hashOf(cookie),
        key: hashOf(key),
        life: startLife(clock, SESSION_IDLE_MS),
        ending: new AbortController(),
      })
      save()
      return { cookie, key }
    },
    ofCookies: (cookies) => used(matching(cookies)[0]),
    ofPage(cookies, key) {
      const hash = hashOf(key)
      return used(matching(cookies).find((entry) => sameHash(entry.key, hash)))
    },
    end(cookies) {
      finish(matching(cookies))
      if (mustSave) save()
    },
    endAll() {
      const count = entries.size
      finish([...entries])
      save()
      return count
    },
    close() {
      clearInterval(timer)
      for (const { ending } of entries) ending.abort()
      entries.clear()
    },
  }
}

/** Returns the sessions of an earlier process that aren't idle for too long. Unreadable ones sign in again. */
function readEntries(clock: Clock, text: string | null): Entry[] {
  const rows = storedSchema.safeParse(parsed(text))
  return (rows.data ?? [])
    .map(({ cookie, key, used_at: usedAt }) => ({
      cookie: Buffer.from(cookie, 'base64'),
      key: Buffer.from(key, 'base64'),
      // A clock that was set back doesn't extend a session.
      life: startLife(clock, SESSION_IDLE_MS, Math.min(usedAt, clock.now())),
      ending: new AbortController(),
    }))
    .filter(({ cookie, key, life }) => cookie.length === HASH_BYTES && key.length === HASH_BYTES && !life.isExpired())
}

function parsed(text: string | null): unknown {
  try {
    return JSON.parse(text ?? '[]')
  } catch {
    // Only this program writes it. Whoever is affected signs in again.
    return []
  }
}
