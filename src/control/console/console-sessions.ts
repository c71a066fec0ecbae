import type { Clock } from '../../engine/clock.ts'
import { startLife, type Life } from './console-life.ts'
import { hashOf, newSecret, sameHash } from './console-secret.ts'

export const SESSION_IDLE_MS = 12 * 3_600_000
const SWEEP_MS = 15_000
/** Browsers signed in at the same time. The oldest session is dropped to make room for a new one. */
const MAX_SESSIONS = 64

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
  /** Ends idle sessions. Also runs every 15 seconds. */
  sweep(): void
  close(): void
}

interface Entry {
  cookie: Buffer
  key: Buffer
  life: Life
  ending: AbortController
}

/** Sessions are kept in memory only, so everybody signs in again after the engine restarts. */
export function createConsoleSessions(clock: Clock): ConsoleSessions {
  const entries = new Set<Entry>()
  const timer = setInterval(sweep, SWEEP_MS).unref()

  function finish(entry: Entry): void {
    entries.delete(entry)
    entry.ending.abort()
  }

  function sweep(): void {
    for (const entry of entries) if (entry.life.isExpired()) finish(entry)
  }

  function matching(cookies: readonly string[]): Entry[] {
    sweep()
    const hashes = cookies.map(hashOf)
    return [...entries].filter((entry) => hashes.some((hash) => sameHash(entry.cookie, hash)))
  }

  function used(entry: Entry | undefined): ConsoleSession | null {
    if (entry === undefined) return null
    entry.life.renew()
    return { ended: entry.ending.signal }
  }

  return {
    sweep,
    start() {
      sweep()
      const [oldest] = entries
      if (oldest !== undefined && entries.size >= MAX_SESSIONS) finish(oldest)
      const [cookie, key] = [newSecret(), newSecret()]
      entries.add({
        cookie: hashOf(cookie),
        key: hashOf(key),
        life: startLife(clock, SESSION_IDLE_MS),
        ending: new AbortController(),
      })
      return { cookie, key }
    },
    ofCookies: (cookies) => used(matching(cookies)[0]),
    ofPage(cookies, key) {
      const hash = hashOf(key)
      return used(matching(cookies).find((entry) => sameHash(entry.key, hash)))
    },
    end(cookies) {
      for (const entry of matching(cookies)) finish(entry)
    },
    close() {
      clearInterval(timer)
      for (const entry of entries) finish(entry)
    },
  }
}
