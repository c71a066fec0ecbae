import type { RateLimit } from '../principal.ts'

/** What the limiter says of one request; the http room turns it into headers. */
export interface RateVerdict {
  allowed: boolean
  /** Null when the caller has no limit; the other figures are then meaningless. */
  limit: number | null
  windowSeconds: number
  remaining: number
  /** Unix seconds when the full quota is there again. */
  resetAt: number
  /** Whole seconds to wait, at least 1, when refused. */
  retryAfter: number
}

export interface RateLimiter {
  /** Takes one request from the bucket `key`. Memory is bounded however many keys come. */
  take(key: string, limit: RateLimit): RateVerdict
}
