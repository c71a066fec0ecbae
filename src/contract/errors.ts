/** Every error code: its HTTP status, when it occurs and what to do. docs/errors.md repeats these texts. */
export const ERROR_TABLE = {
  NOT_FOUND: {
    status: 404,
    when: "The route doesn't exist.",
    advice: 'Check the path against `GET /openapi.json`. The base URL ends with the port.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    when: "The route doesn't support this HTTP method.",
    advice: 'Use a method from the `Allow` header.',
  },
  INVALID_TOKEN: {
    status: 401,
    when: 'The token is missing, malformed or unknown.',
    advice:
      'Send the complete token as `Authorization: Bearer <token>`. Session tokens stop working when Hallpass restarts: request a new one.',
  },
  TOKEN_EXPIRED: {
    status: 401,
    when: 'The token has expired or was revoked.',
    advice: 'Request a new session token, or ask the owner for a new access token.',
  },
  UNAUTHORIZED: {
    status: 403,
    when: "The token doesn't have access to this project, connection, table, tool or path, or doesn't have the permission.",
    advice:
      "`hallpass describe token NAME -p PROJECT` shows a token's access. The owner can create a token with more access.",
  },
  FORBIDDEN_ORIGIN: {
    status: 403,
    when: "The Host or Origin header isn't allowed.",
    advice: 'Use `127.0.0.1` or `localhost` with the right port. For a web page, ask the owner to allow its origin.',
  },
  INVALID_REQUEST: {
    status: 400,
    when: 'The request is invalid: malformed JSON, a missing or invalid field, or an unknown method.',
    advice: 'The response names the field in `field`. `GET /api/v1/proxy` lists the methods.',
  },
  PAYLOAD_TOO_LARGE: {
    status: 413,
    when: 'The request body is larger than the limit (32 MiB by default).',
    advice: 'Send the records as an `application/x-ndjson` stream. Streams have no size limit; one line has.',
  },
  RATE_LIMITED: {
    status: 429,
    when: 'Too many requests from this token or address, or too many open pages of the web console.',
    advice: 'Wait for the number of seconds in `Retry-After`. Close tabs of the web console.',
  },
  GRIST_ERROR: {
    status: 502,
    when: 'Grist rejected the request.',
    advice:
      "The message contains Grist's own error. The usual causes are a wrong table or column ID, or a key without the permission.",
  },
  UPSTREAM_ERROR: {
    status: 502,
    when: "The server behind a connection failed or couldn't be reached.",
    advice:
      "The message says what failed, and, after repeated failures, when Hallpass tries again. An HTTP API's own error responses are passed through unchanged, without a code.",
  },
  UPSTREAM_TIMEOUT: {
    status: 504,
    when: "The server behind a connection didn't respond in time.",
    advice: 'Request less data at a time. A write may have succeeded: check before you retry it.',
  },
  DOCUMENT_BUSY: {
    status: 503,
    when: "Another program holds the document's file.",
    advice: 'Wait for the number of seconds in `Retry-After`, or close the other program.',
  },
  SECRET_UNAVAILABLE: {
    status: 503,
    when: "The connection's secret can't be read: the keychain is locked or missing, access to it was denied, or the secret is gone.",
    advice:
      'Unlock the keychain, set `HALLPASS_VAULT_KEY`, or refer to the secret with `--secret-ref env:NAME` or `file:PATH`.',
  },
  APPROVAL_DENIED: {
    status: 403,
    when: 'The owner denied the request.',
    advice: "Don't repeat the request. Ask the owner why.",
  },
  APPROVAL_TIMEOUT: {
    status: 403,
    when: "The owner didn't respond in time.",
    advice: 'Repeat the request when the owner is available.',
  },
  PAUSED: {
    status: 503,
    when: 'The owner paused all access, this token or this connection. The message says which.',
    advice: 'Try again after the owner resumes access (`hallpass resume`).',
  },
  LOG_UNAVAILABLE: {
    status: 503,
    when: "The request log can't be written, so requests are rejected.",
    advice: "Ask the owner to free up disk space or fix the data folder's permissions.",
  },
  INTERNAL: {
    status: 500,
    when: 'Unexpected error in Hallpass. The message contains only the request ID.',
    advice: 'Report it with the request ID.',
  },
} as const satisfies Record<string, { status: number; when: string; advice: string }>

export type ErrorCode = keyof typeof ERROR_TABLE

/** What an error has in addition to its code and sentence. */
export interface ErrorOptions {
  /** Written to the diagnostic log only. */
  cause?: unknown
  /**
   * The API field that is invalid, such as `ttl_seconds` or `config.url`. Each interface prints its own name for it.
   */
  field?: string
  /** A fixed identifier in snake_case for code that branches on the cause. Sentences can change, reasons don't. */
  reason?: string
  /** Facts for programs: the line reached, when to retry, a quota. */
  details?: Readonly<Record<string, unknown>>
  /** True if the failure is due to this request and says nothing about the upstream's health. */
  upstreamBlameless?: boolean
}

/**
 * The only error class. `message` is safe to show to the caller: it contains no secret, local path or stack trace. It
 * doesn't name the field, which is a separate property.
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

  /** Returns the same failure with another sentence. Anything missing from `options` is unchanged. */
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

/** Returns an INVALID_REQUEST error. `field` is the API's name of the invalid field. */
export function invalidRequest(message: string, field?: string, options: ErrorOptions = {}): HallpassError {
  return new HallpassError('INVALID_REQUEST', message, { ...options, ...(field === undefined ? {} : { field }) })
}

/** Converts anything thrown to a HallpassError. Unknown errors become INTERNAL, with the original as the cause. */
export function asHallpassError(thrown: unknown, requestId: string): HallpassError {
  if (thrown instanceof HallpassError) return thrown
  return new HallpassError(
    'INTERNAL',
    `Unexpected error in Hallpass. Include request ID ${requestId} when you report it.`,
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

/** Properties of an error that the owner API sends along with its sentence. */
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

/** Rebuilds the error from the owner API's data and sentence. Returns null if the data has another shape. */
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

/** A problem in an input, as zod and Standard Schema report it. */
export interface InputIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * Returns an INVALID_REQUEST error for an input that its schema rejects. `field` is the first invalid field. If there
 * are several, the sentence lists them and `details.issues` has one entry each. Issues contain no input values, so they
 * can't contain a secret.
 */
export function invalidInput(issues: readonly InputIssue[]): HallpassError {
  const found = issues.map(({ path = [], message }) => ({
    field: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
    message,
  }))
  const field = found.find((issue) => issue.field !== '')?.field
  if (found.length === 1) return invalidRequest(asSentence(found[0]?.message ?? 'The input is invalid'), field)
  const list = found.map((issue) => (issue.field === '' ? issue.message : `${issue.field}: ${issue.message}`))
  return invalidRequest(`${list.join('; ')}.`, field, { details: { issues: found } })
}

function asSentence(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
