import { createHash } from 'node:crypto'

export interface TokenClipboard {
  /**
   * Copies a token to the clipboard until `expiresAt` (ISO 8601), or permanently if that is null. `sessionId`
   * identifies a session token, so that a revocation clears it.
   */
  copy(token: string, expiresAt: string | null, sessionId?: string): Promise<void>
  /** Receives the active session tokens. If the copied one isn't among them, it is removed from the clipboard. */
  sessionsAre(alive: readonly { id: string; expires_at: string }[]): void
  /** Clears a copied session token, because session tokens end with their engine and timers end with the app. */
  sessionsEnded(): Promise<void>
  /** Compares the clock with the expiry, because timers are late after a sleep. */
  check(): void
  /** True while a copied session token may be on the clipboard. */
  readonly holdsSession: boolean
}

interface ClipboardParts {
  clipboard: {
    readText(): string | Promise<string>
    writeText(text: string): void | Promise<void>
    clear(): void | Promise<void>
  }
  now(): number
  /** Called if the clipboard couldn't be read or written. */
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

/** Maximum delay of setTimeout. */
const MAX_TIMER_MS = 2 ** 31 - 1

/** A clipboard for tokens. It remembers only the hash of what it copied, and clears nothing else. */
export function createTokenClipboard({ clipboard, now, failed }: ClipboardParts): TokenClipboard {
  let held: CopiedToken | null = null

  function forget(): void {
    clearTimeout(held?.timer)
    held = null
  }

  async function clear(): Promise<void> {
    const gone = held
    forget()
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
      forget()
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
      // The window copies without an ID, so the session token is identified by its exact expiry.
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
