/** Every error code that Hallpass answers with, its HTTP status and when it occurs. docs/errors.md is compared with it. */
export const ERROR_TABLE = {
  NOT_FOUND: { status: 404, when: 'No such route.' },
  METHOD_NOT_ALLOWED: { status: 405, when: 'The route exists, but not with this HTTP method; see the Allow header.' },
  INVALID_TOKEN: { status: 401, when: 'The token is missing, malformed or unknown.' },
  TOKEN_EXPIRED: { status: 401, when: 'The token is known, but its time is over or it was revoked.' },
  UNAUTHORIZED: {
    status: 403,
    when: 'The token lacks the permission, the connection, the table, the tool, the path or the project.',
  },
  FORBIDDEN_ORIGIN: { status: 403, when: 'The Host or Origin header is not one that Hallpass answers to.' },
  INVALID_REQUEST: {
    status: 400,
    when: 'Bad JSON, a missing or mistyped field, or an unknown method. The message names the field.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    when: 'The body is over the limit (32 MiB unless changed). Streams are not limited.',
  },
  RATE_LIMITED: {
    status: 429,
    when: 'Too many requests for this token or address; Retry-After says when to try again.',
  },
  GRIST_ERROR: { status: 502, when: 'Grist refused; the message carries its words.' },
  UPSTREAM_ERROR: { status: 502, when: 'An upstream other than Grist failed.' },
  UPSTREAM_TIMEOUT: { status: 504, when: 'The upstream took too long.' },
  SECRET_UNAVAILABLE: { status: 503, when: 'The keychain is locked, denied or absent, or the secret is missing.' },
  APPROVAL_DENIED: { status: 403, when: 'The owner said no.' },
  APPROVAL_TIMEOUT: { status: 403, when: 'Nobody answered the request for approval.' },
  PAUSED: { status: 503, when: 'The owner paused all access.' },
  LOG_UNAVAILABLE: { status: 503, when: 'The request log cannot be written; nothing is served unlogged.' },
  INTERNAL: { status: 500, when: 'A bug. The message gives the request id, nothing more.' },
} as const satisfies Record<string, { status: number; when: string }>

export type ErrorCode = keyof typeof ERROR_TABLE

/**
 * The one error class. `message` is a sentence for a person, safe to show to whoever made the request:
 * it never holds a secret, a path of this machine or a stack. `cause` goes to the diagnostic log only.
 */
export class HallpassError extends Error {
  readonly code: ErrorCode
  /** It is this one request that is at fault: the failure is no sign that the upstream is ill. */
  readonly upstreamBlameless: boolean

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; upstreamBlameless?: boolean }) {
    super(message, options)
    this.name = 'HallpassError'
    this.code = code
    this.upstreamBlameless = options?.upstreamBlameless ?? false
  }

  /** The same failure in other words. */
  retold(message: string, options: { cause?: unknown } = { cause: this.cause }): HallpassError {
    return new HallpassError(this.code, message, { ...options, upstreamBlameless: this.upstreamBlameless })
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERROR_TABLE[this.code].status
  }
}

/** Turns anything thrown into a HallpassError: what is not one already becomes INTERNAL, with the cause kept. */
export function asHallpassError(thrown: unknown, requestId: string): HallpassError {
  if (thrown instanceof HallpassError) return thrown
  return new HallpassError(
    'INTERNAL',
    `Something went wrong inside Hallpass. Quote request id ${requestId} when reporting it.`,
    {
      cause: thrown,
    },
  )
}

/** Body of every error outside MCP. */
export interface ErrorBody {
  success: false
  error: string
  code: ErrorCode
  request_id: string
}

export function errorBody(error: HallpassError, requestId: string): ErrorBody {
  return { success: false, error: error.message, code: error.code, request_id: requestId }
}
