import type { Area } from './route-table.ts'

export interface OriginJudge {
  /** Returns false for every origin that the owner didn't allow, and always outside /api and /projects. */
  allows(origin: string | undefined, area: Area): boolean
  /** Returns the CORS headers for this origin. Empty if it isn't allowed. */
  headers(origin: string | undefined, area: Area): Record<string, string>
}

const EXPOSED =
  'X-Request-Id, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, RateLimit, RateLimit-Policy, ' +
  'Retry-After, WWW-Authenticate, Mcp-Session-Id, Idempotency-Replayed, Content-Disposition'
const TAKEN =
  'Authorization, Content-Type, Accept, X-Request-Id, Mcp-Session-Id, Mcp-Protocol-Version, Mcp-Method, Mcp-Name, Last-Event-ID, Idempotency-Key'

/** Origins are compared exactly, so `null` and `*` never match. */
export function createOriginJudge(allowedOrigins: () => readonly string[]): OriginJudge {
  const named = (origin: string) => origin !== 'null' && origin !== '*' && allowedOrigins().includes(origin)
  const allows = (origin: string | undefined, area: Area) => origin === undefined || (area !== null && named(origin))
  return {
    allows,
    headers(origin, area) {
      if (area === null || allowedOrigins().length === 0) return {}
      if (origin === undefined || !named(origin)) return { Vary: 'Origin' }
      return { 'Access-Control-Allow-Origin': origin, 'Access-Control-Expose-Headers': EXPOSED, Vary: 'Origin' }
    },
  }
}

export function preflightHeaders(methods: readonly string[]): Record<string, string> {
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': TAKEN,
    'Access-Control-Allow-Private-Network': 'true',
    'Access-Control-Max-Age': '600',
  }
}
