import pino from 'pino'
import { maskTokens } from '../text/token-format.ts'

const REDACT = ['*.authorization', '*.headers', '*.secret', '*.token', '*.password', 'authorization', 'secret', 'token']

export interface Diagnostics {
  /** Logs a bug: the redacted cause and stack, with the request ID that the caller got. */
  internalError(requestId: string, cause: unknown): void
  /** Logs what was hidden or repaired in an MCP server's lists. */
  upstreamNotes(connection: string, notes: string): void
  /** Logs that the files of the TLS certificate changed and can't be used. */
  certificateProblem(sentence: string): void
}

/** The diagnostic log goes to stderr as JSON Lines. It is separate from the request log. */
export function createDiagnostics(level = 'info'): Diagnostics {
  const logger = pino(
    { level, redact: { paths: REDACT, censor: '[redacted]' } },
    pino.destination({ dest: 2, sync: true }),
  )
  return {
    upstreamNotes(connection, notes) {
      logger.warn({ connection, notes: maskTokens(notes) }, 'mcp lists held back or repaired')
    },
    certificateProblem: (sentence) => logger.warn(sentence),
    internalError(requestId, cause) {
      logger.error({ request_id: requestId, cause: maskTokens(describe(cause)) }, 'internal error')
    },
  }
}

function describe(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  const stack = cause.stack ?? cause.message
  return cause.cause === undefined ? stack : `${stack}\ncaused by ${describe(cause.cause)}`
}
