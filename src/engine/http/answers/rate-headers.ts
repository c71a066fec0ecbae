import type { RateVerdict } from '../../access/rate-limiter.ts'

/**
 * Returns the rate limit in both formats: X-RateLimit-* with Reset in Unix seconds, and the IETF draft's structured
 * fields, where `t` is the remaining seconds. Empty for callers without a limit.
 */
export function rateHeaders(verdict: RateVerdict, policy: 'token' | 'address', nowMs: number): Record<string, string> {
  if (verdict.limit === null) return {}
  const headers: Record<string, string> = {
    'X-RateLimit-Limit': String(verdict.limit),
    'X-RateLimit-Remaining': String(verdict.remaining),
    'X-RateLimit-Reset': String(verdict.resetAt),
    'RateLimit-Policy': `"${policy}";q=${verdict.limit};w=${verdict.windowSeconds}`,
    RateLimit: `"${policy}";r=${verdict.remaining};t=${Math.max(0, Math.ceil(verdict.resetAt - nowMs / 1000))}`,
  }
  if (!verdict.allowed) headers['Retry-After'] = String(Math.max(1, verdict.retryAfter))
  return headers
}
