import { McpUpstreamError } from '../mcp-upstreams.ts'
import { UpstreamFault } from './message-pipe.ts'

/** Texts that servers send for an unknown session, in a body with HTTP 400 or 401 or as a JSON-RPC error. */
const LOST_WORDS =
  /\bsession[ _-]?(?:id)?\b.{0,40}\b(?:not found|unknown|invalid|expired|required|missing|terminated|closed|does(?:n't| not) exist|not provided)|\b(?:no|invalid|unknown|missing|expired|bad)(?: valid)? (?:mcp[ -])?session|\bnot (?:yet )?initiali[sz]ed\b|expect(?:ed)? initiali[sz]e/i

/** Codes that servers use for it. Any other code belongs to the method that was called. */
const LOST_CODES: ReadonlySet<number> = new Set([-32_000, -32_001, -32_600, -32_603, -32_002])

export function saysLostSession(text: string): boolean {
  return LOST_WORDS.test(text.slice(0, 2000))
}

/**
 * Returns whether the upstream rejected a request because it no longer knows the session. Only HTTP has sessions to
 * lose.
 */
export function isLostSession(thrown: unknown, isHttp: boolean): boolean {
  if (thrown instanceof UpstreamFault) return thrown.reason === 'expired'
  return isHttp && thrown instanceof McpUpstreamError && LOST_CODES.has(thrown.code) && saysLostSession(thrown.message)
}
