import { invalidRequest } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'
import type { RateLimit } from './principal.ts'
import { quote } from './sentences.ts'

export const DEFAULT_RATE: RateLimit = { requests: 6000, seconds: 60 }
const MAX_REQUESTS = 1_000_000_000
const RATE = /^([1-9]\d{0,9})\/([sm])$/

/** Parses `100/s`, `600/m` or `none` (null). Throws INVALID_REQUEST for anything else. */
export function parseRate(text: string): RateLimit {
  if (text === 'none') return null
  const [, digits, unit] = RATE.exec(text) ?? []
  const requests = Number(digits)
  if (digits === undefined || requests > MAX_REQUESTS) {
    throw invalidRequest(`Invalid rate limit ${quote(text)}. Use a limit such as 100/s or 600/m, or none.`, 'rate')
  }
  return { requests, seconds: unit === 's' ? 1 : 60 }
}

/** The limiter's decision on one request, which the HTTP server turns into headers. */
export interface RateVerdict {
  allowed: boolean
  /** Null if the caller has no limit. The other figures are then meaningless. */
  limit: number | null
  windowSeconds: number
  remaining: number
  /** Unix time in seconds when the full quota is available again. */
  resetAt: number
  /** Whole seconds to wait, at least 1, if the request exceeds the limit. */
  retryAfter: number
}

export interface RateLimiter {
  /** Takes one request from the bucket `key`. Memory is bounded for any number of keys. */
  take(key: string, limit: RateLimit): RateVerdict
}

/** Uses the monotonic clock, so that changing the wall clock can't affect a window. */
interface Bucket {
  endsAt: number
  seconds: number
  taken: number
}

const MAX_BUCKETS = 20_000
const UNLIMITED: RateVerdict = Object.freeze({
  allowed: true,
  limit: null,
  windowSeconds: 0,
  remaining: 0,
  resetAt: 0,
  retryAfter: 0,
})

/**
 * Fixed windows, each starting with the first request of its bucket. Beyond `mostBuckets`, the oldest window is
 * dropped.
 */
export function createRateLimiter({
  clock,
  maxBuckets = MAX_BUCKETS,
}: {
  clock: Clock
  maxBuckets?: number
}): RateLimiter {
  const buckets = new Map<string, Bucket>()

  function openBucket(key: string, now: number, seconds: number): Bucket {
    // Deleting first moves the key to the end of the Map, which keeps the Map in order of creation.
    buckets.delete(key)
    if (buckets.size >= maxBuckets) {
      for (const oldest of buckets.keys()) {
        buckets.delete(oldest)
        break
      }
    }
    const bucket = { endsAt: now + seconds * 1000, seconds, taken: 0 }
    buckets.set(key, bucket)
    return bucket
  }

  function take(key: string, limit: RateLimit): RateVerdict {
    if (limit === null) return UNLIMITED
    const now = clock.monotonic()
    const known = buckets.get(key)
    const open = known !== undefined && now < known.endsAt && known.seconds === limit.seconds
    const bucket = open ? known : openBucket(key, now, limit.seconds)
    const allowed = bucket.taken < limit.requests
    if (allowed) bucket.taken += 1
    const left = bucket.endsAt - now
    return {
      allowed,
      limit: limit.requests,
      windowSeconds: limit.seconds,
      remaining: Math.max(0, limit.requests - bucket.taken),
      resetAt: Math.ceil((clock.now() + left) / 1000),
      retryAfter: allowed ? 0 : Math.max(1, Math.ceil(left / 1000)),
    }
  }

  return { take }
}
