import { ERROR_TABLE, isErrorCode, type ErrorCode } from './error-table.ts'

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
    const given = Object.entries({ cause, field, reason, details, upstreamBlameless }).filter(
      ([, value]) => value !== undefined,
    )
    return new HallpassError(this.code, message, { ...Object.fromEntries(given), ...options })
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
interface ErrorBody {
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
