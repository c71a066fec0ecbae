import { createHash } from 'node:crypto'

export interface TokenClipboard {
  /** Puts a token on the clipboard until `expiresAt` (ISO 8601), for good when that is null. `sessionId` tells an early end. */
  copy(token: string, expiresAt: string | null, sessionId?: string): Promise<void>
  /** The session tokens that are alive now: one of ours that is not among them leaves the clipboard. */
  sessionsAre(alive: readonly { id: string; expires_at: string }[]): void
  /** Session tokens end with their engine, and nobody is left to clear them when the app ends. */
  sessionsEnded(): Promise<void>
  /** After a sleep, timers are late. */
  check(): void
  /** True while a session token that we copied may be on the clipboard. */
  readonly holdsSession: boolean
}

export interface ClipboardParts {
  clipboard: {
    readText(): string | Promise<string>
    writeText(text: string): void | Promise<void>
    clear(): void | Promise<void>
  }
  now(): number
  /** The clipboard did not answer. */
  failed(): void
}

interface CopiedToken {
  hash: string
  expiresAt: number
  ends: string
  session: boolean
  sessionId: string | undefined
  timer: NodeJS.Timeout | undefined
}

/** setTimeout takes no longer delay. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** The clipboard for tokens: remembers what it put there by its hash alone, and takes off only that. */
export function createTokenClipboard({ clipboard, now, failed }: ClipboardParts): TokenClipboard {
  let held: CopiedToken | null = null

  function letGo(): void {
    clearTimeout(held?.timer)
    held = null
  }

  async function clear(): Promise<void> {
    const gone = held
    letGo()
    try {
      if (gone !== null && hashOf(await clipboard.readText()) === gone.hash) await clipboard.clear()
    } catch {
      failed()
    }
  }

  function arm(): void {
    if (held === null) return
    clearTimeout(held.timer)
    const left = held.expiresAt - now()
    if (left <= 0) void clear()
    else {
      held.timer = setTimeout(arm, Math.min(left, MAX_TIMER_MS))
      held.timer.unref?.()
    }
  }

  return {
    async copy(token, expiresAt, sessionId) {
      letGo()
      await clipboard.writeText(token)
      if (expiresAt === null) return
      const session = token.startsWith('sess_')
      held = {
        hash: hashOf(token),
        expiresAt: Date.parse(expiresAt),
        ends: expiresAt,
        session,
        sessionId,
        timer: undefined,
      }
      arm()
    },
    sessionsAre(alive) {
      if (held === null || !held.session) return
      const { sessionId, ends } = held
      // The window copies without an id; the instant of its end, to the millisecond, tells which one it is.
      const lives = alive.some((one) => (sessionId === undefined ? one.expires_at === ends : one.id === sessionId))
      if (!lives) void clear()
    },
    async sessionsEnded() {
      if (held?.session === true) await clear()
    },
    check: arm,
    get holdsSession() {
      return held?.session === true
    },
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
