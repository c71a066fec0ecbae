import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../contract/records.ts'

export type Ending = 'running' | 'ok' | 'rejected' | 'failed' | 'interrupted'

const WORDS: Record<Ending, string> = {
  running: 'Running',
  ok: 'OK',
  rejected: 'Rejected',
  failed: 'Failed',
  interrupted: 'Interrupted',
}

const CODE_WORDS: Readonly<Record<string, string>> = {
  NOT_FOUND: 'Unknown route',
  METHOD_NOT_ALLOWED: 'Wrong method',
  FORBIDDEN_ORIGIN: 'Origin not allowed',
  PAYLOAD_TOO_LARGE: 'Too large',
  RATE_LIMITED: 'Rate limited',
  BUDGET_EXHAUSTED: 'Daily budget used up',
  GRIST_ERROR: 'Grist error',
  UPSTREAM_TIMEOUT: 'Timeout',
  DOCUMENT_BUSY: 'Busy',
  SECRET_UNAVAILABLE: 'Secret unavailable',
  APPROVAL_DENIED: 'Denied by you',
  APPROVAL_TIMEOUT: 'Not approved',
  PAUSED: 'Paused',
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  expired: 'Expired',
  revoked: 'Revoked',
  rotated: 'Rotated',
  deleted: 'Deleted',
  unknown: 'Unknown',
  malformed: 'Malformed',
  missing: 'No token',
}

/**
 * Classifies a status: below 400 success, below 500 the caller's error, above that an error of Hallpass or the
 * upstream.
 */
export function endingOf(status: number | null): Ending {
  if (status === null) return 'running'
  if (status === 0 || status === 499) return 'interrupted'
  if (status < 400) return 'ok'
  return status < 500 ? 'rejected' : 'failed'
}

/** Returns the outcome in one or two words: what was missing, the state of the token, or what failed. */
export function outcomeWord(row: RequestRecord): string {
  const ending = endingOf(row.status)
  if (ending !== 'rejected' && ending !== 'failed') return WORDS[ending]
  if (row.refusal !== null) return refusalWord(row)
  if (row.status === 401 && row.token_state !== null) return STATE_WORDS[row.token_state] ?? WORDS[ending]
  return CODE_WORDS[row.code ?? ''] ?? WORDS[ending]
}

function refusalWord({ refusal, permission }: RequestRecord): string {
  switch (refusal?.reason) {
    case 'connection':
      return 'Not in scope'
    case 'permission':
      return t`No ${permission ?? ''}`
    case 'table':
      return t`Not this table`
    case 'tool':
      return t`Not this tool`
    case 'path':
      return t`Not this path`
    default:
      return 'Limited to tables'
  }
}

/** Returns why a request didn't succeed, in one or two sentences. Null if it did, or if nothing more is known. */
export function whyText(row: RequestRecord): string | null {
  const ending = endingOf(row.status)
  if (ending === 'ok' || ending === 'running') return null
  if (row.refusal !== null) {
    const { needed, held } = row.refusal
    const who = row.parent === null ? (row.token ?? 'The token') : `The session token of ${row.parent}`
    if (held.length === 0) return t`It needs ${needed}. ${who} had no access to ${row.connection ?? ''}.`
    return t`It needs ${needed}. ${who} had ${held.join(' and ')}.`
  }
  if (row.status === 401) return tokenSentence(row)
  return null
}

function tokenSentence({ token: name, token_state: state, token_prefix: prefix }: RequestRecord): string | null {
  const token = name ?? ''
  switch (state) {
    case 'expired':
      return `${token} had expired, or had used up its requests.`
    case 'revoked':
      return `${token} had been revoked.`
    case 'rotated':
      return `The secret of ${token} had been replaced by a new one.`
    case 'deleted':
      return `${token} had been deleted or replaced.`
    case 'unknown':
      return t`No token starts with ${prefix ?? ''}. Session tokens stop working when Hallpass restarts.`
    case 'malformed':
      return "The token that was sent isn't one of Hallpass, or is incomplete."
    case 'missing':
      return 'No token was sent.'
    default:
      return null
  }
}
