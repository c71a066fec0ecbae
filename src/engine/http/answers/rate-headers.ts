import type { RateVerdict } from '../../access/rate-limiter.ts'

/**
 * The figures of a verdict in both dialects: X-RateLimit-* with Reset in Unix seconds, and the structured fields of the
 * IETF draft, where `t` is the seconds until then. A caller without a limit gets none: there is no figure to give.
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
