import { isErrorCode, type ErrorCode } from '../../../contract/error-table.ts'
import type { RequestRecord } from '../../../contract/records.ts'

const CODE_WORDS: Partial<Record<ErrorCode, string>> = {
  NOT_FOUND: 'unknown route',
  METHOD_NOT_ALLOWED: 'wrong HTTP method',
  FORBIDDEN_ORIGIN: 'Host or Origin not allowed',
  INVALID_REQUEST: 'invalid request',
  PAYLOAD_TOO_LARGE: 'request too large',
  RATE_LIMITED: 'rate limit reached',
  BUDGET_EXHAUSTED: 'daily budget used up',
  GRIST_ERROR: 'Grist rejected the request',
  UPSTREAM_ERROR: 'failed or unreachable',
  UPSTREAM_TIMEOUT: 'timeout',
  DOCUMENT_BUSY: 'busy',
  SECRET_UNAVAILABLE: 'its secret is unavailable',
  APPROVAL_DENIED: 'denied by you',
  APPROVAL_TIMEOUT: 'not approved in time',
  PAUSED: 'access paused',
  LOG_UNAVAILABLE: 'log not writable',
  INTERNAL: 'internal error',
}

/** Returns why requests like this one were denied or failed, in one sentence. */
export function causeSentence(row: RequestRecord): string {
  const { refusal, status, code, connection, token_state: state, token_prefix: prefix } = row
  const caller = row.token_kind === 'owner' ? 'You' : (row.parent ?? row.token)
  if (refusal !== null) return `${caller ?? 'A token'} lacks ${refusal.needed}.`
  if (status === 401) return tokenSentence(caller, state, prefix)
  const what = words(code, status)
  const who = status !== null && status >= 500 && connection !== null ? connection : (caller ?? connection)
  if (who === null) return `${what.charAt(0).toUpperCase()}${what.slice(1)}.`
  return connection === null || who === connection ? `${who}: ${what}.` : `${who} on ${connection}: ${what}.`
}

function words(code: string | null, status: number | null): string {
  if (status === 0 || status === 499) return 'interrupted'
  const known = code !== null && isErrorCode(code) ? CODE_WORDS[code] : undefined
  return known ?? `status ${status}`
}

function tokenSentence(
  token: string | null,
  state: RequestRecord['token_state'],
  prefix: RequestRecord['token_prefix'],
): string {
  switch (state) {
    case 'expired':
      return `${token} has expired.`
    case 'revoked':
      return `${token} was revoked.`
    case 'rotated':
      return `The old secret of ${token} was used.`
    case 'deleted':
      return `${token} was deleted.`
    case 'malformed':
      return 'A malformed token was sent.'
    case 'missing':
      return 'No token was sent.'
    default:
      return prefix === null ? 'An unknown token was sent.' : `An unknown token was sent (${prefix}…).`
  }
}
