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
  DOCUMENT_BUSY: {
    status: 503,
    when: 'Another program has locked the SQLite file. Retry-After says when to try again.',
  },
  SECRET_UNAVAILABLE: { status: 503, when: 'The keychain is locked, denied or absent, or the secret is missing.' },
  APPROVAL_DENIED: { status: 403, when: 'The owner said no.' },
  APPROVAL_TIMEOUT: { status: 403, when: 'Nobody answered the request for approval.' },
  PAUSED: { status: 503, when: 'The owner paused all access.' },
  LOG_UNAVAILABLE: { status: 503, when: 'The request log cannot be written; nothing is served unlogged.' },
  INTERNAL: { status: 500, when: 'A bug. The message gives the request id, nothing more.' },
} as const satisfies Record<string, { status: number; when: string }>

export type ErrorCode = keyof typeof ERROR_TABLE

/** What an error carries beside its code and sentence. */
export interface ErrorOptions {
  /** Goes to the diagnostic log only. */
  cause?: unknown
  /** The field of the API at fault, as in the contract: `ttl_seconds`, `config.url`. Each interface prints its own name for it. */
  field?: string
  /** Why it failed, where code branches on it. A fixed word in snake_case; sentences may change, reasons do not. */
  reason?: string
  /** Facts for a program: the line reached, when to retry, a quota. */
  details?: Readonly<Record<string, unknown>>
  /** True if this request alone is at fault, so that the failure says nothing about the health of the upstream. */
  upstreamBlameless?: boolean
}

/**
 * The one error class. `message` is a sentence for a person, safe to show to whoever made the request: it never holds a
 * secret, a path of this machine or a stack, and never names the field, which travels beside it.
 */
export class HallpassError extends Error {
  readonly code: ErrorCode
  readonly field: string | undefined
  readonly reason: string | undefined
  readonly details: Readonly<Record<string, unknown>> | undefined
  readonly upstreamBlameless: boolean

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'HallpassError'
    this.code = code
    this.field = options?.field
    this.reason = options?.reason
    this.details = options?.details
    this.upstreamBlameless = options?.upstreamBlameless ?? false
  }

  /** Returns the same failure with another sentence; what `options` leaves out stays as it was. */
  reworded(message: string, options: ErrorOptions = {}): HallpassError {
    const { cause, field, reason, details, upstreamBlameless } = this
    const kept = Object.entries({ cause, field, reason, details, upstreamBlameless }).filter(
      ([, value]) => value !== undefined,
    )
    return new HallpassError(this.code, message, { ...Object.fromEntries(kept), ...options })
  }

  /** HTTP status of the code. */
  get status(): number {
    return ERROR_TABLE[this.code].status
  }
}

/** Returns an INVALID_REQUEST; `field` is the API's name of the field at fault, where one is. */
export function invalidRequest(message: string, field?: string, options: ErrorOptions = {}): HallpassError {
  return new HallpassError('INVALID_REQUEST', message, { ...options, ...(field === undefined ? {} : { field }) })
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
  field?: string
  details?: Readonly<Record<string, unknown>>
}

export function errorBody(error: HallpassError, requestId: string): ErrorBody {
  return {
    success: false,
    error: error.message,
    code: error.code,
    request_id: requestId,
    ...(error.field === undefined ? {} : { field: error.field }),
    ...(error.details === undefined ? {} : { details: error.details }),
  }
}

/** What crosses the owner API beside the sentence of an error. */
export interface OwnerErrorData {
  code: ErrorCode
  field?: string
  reason?: string
  details?: Readonly<Record<string, unknown>>
}

export function ownerErrorData({ code, field, reason, details }: HallpassError): OwnerErrorData {
  return {
    code,
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
  }
}

/** Returns the error that crossed the owner API with this data and sentence, or null if the data isn't ours. */
export function errorFromOwnerData(data: unknown, message: string): HallpassError | null {
  const { code, field, reason, details } = (data ?? {}) as Record<string, unknown>
  if (!isErrorCode(code)) return null
  return new HallpassError(code, message, {
    ...(typeof field === 'string' ? { field } : {}),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof details === 'object' && details !== null ? { details: { ...details } } : {}),
  })
}

export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === 'string' && Object.hasOwn(ERROR_TABLE, code)
}

/** What a schema found wrong with an input, as zod and Standard Schema report it. */
export interface InputIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * Returns an INVALID_REQUEST for an input that its schema rejects. `field` is the first field at fault; only when several are
 * does the sentence list them. Issues hold no input values, so no secret can be in them.
 */
export function invalidInput(issues: readonly InputIssue[]): HallpassError {
  const found = issues.map(({ path = [], message }) => ({
    field: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
    message,
  }))
  const field = found.find((issue) => issue.field !== '')?.field
  if (found.length === 1) return invalidRequest(asSentence(found[0]?.message ?? 'The input is invalid'), field)
  const list = found.map((issue) => (issue.field === '' ? issue.message : `${issue.field}: ${issue.message}`))
  return invalidRequest(asSentence(list.join('; ')), field)
}

function asSentence(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
