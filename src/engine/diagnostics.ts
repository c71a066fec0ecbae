import pino from 'pino'

/** Tokens look alike wherever they turn up, so they are cut out of every text that goes to the diagnostic log. */
const TOKEN_SHAPE = /\b(hp_pat_[0-9A-Za-z]{8,}|sess_[0-9A-Za-z_-]{8,})/g
const REDACT = ['*.authorization', '*.headers', '*.secret', '*.token', '*.password', 'authorization', 'secret', 'token']

export interface Diagnostics {
  /** A bug: the cause and its stack, redacted, under the id that the caller was given. */
  internalError(requestId: string, cause: unknown): void
}

/** The diagnostic log goes to stderr as JSON Lines; it is not the request log. */
export function createDiagnostics(level = 'info'): Diagnostics {
  const logger = pino(
    { level, redact: { paths: REDACT, censor: '[redacted]' } },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    internalError(requestId, cause) {
      logger.error({ request_id: requestId, cause: withoutTokens(describe(cause)) }, 'internal error')
    },
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const stack = cause.stack ?? cause.message
  return cause.cause === undefined ? stack : `${stack}\ncaused by ${describe(cause.cause)}`
}

export function withoutTokens(text: string): string {
  return text.replaceAll(TOKEN_SHAPE, '[token]')
}
