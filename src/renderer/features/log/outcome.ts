import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../contract/records.ts'

export type Ending = 'running' | 'ok' | 'rejected' | 'failed' | 'interrupted'

const WORDS: Record<Ending, string> = {
  running: t`Running`,
  ok: t`OK`,
  rejected: t`Rejected`,
  failed: t`Failed`,
  interrupted: t`Interrupted`,
}

const CODE_WORDS: Readonly<Record<string, string>> = {
  NOT_FOUND: t`Unknown route`,
  METHOD_NOT_ALLOWED: t`Wrong method`,
  FORBIDDEN_ORIGIN: t`Origin not allowed`,
  PAYLOAD_TOO_LARGE: t`Too large`,
  RATE_LIMITED: t`Rate limited`,
  BUDGET_EXHAUSTED: t`Daily budget used up`,
  GRIST_ERROR: t`Grist error`,
  UPSTREAM_TIMEOUT: t`Timeout`,
  DOCUMENT_BUSY: t`Busy`,
  SECRET_UNAVAILABLE: t`Secret unavailable`,
  APPROVAL_DENIED: t`Denied by you`,
  APPROVAL_TIMEOUT: t`Not approved`,
  PAUSED: t`Paused`,
}

const STATE_WORDS: Readonly<Record<string, string>> = {
  expired: t`Expired`,
  revoked: t`Revoked`,
  rotated: t`Rotated`,
  deleted: t`Deleted`,
  unknown: t`Unknown`,
  malformed: t`Malformed`,
  missing: t`No token`,
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
      return t`Not in scope`
    case 'permission':
      return t`No ${permission ?? ''}`
    case 'table':
      return t`Not this table`
    case 'tool':
      return t`Not this tool`
    case 'path':
      return t`Not this path`
    default:
      return t`Limited to tables`
  }
}

/** Returns why a request didn't succeed, in one or two sentences. Null if it did, or if nothing more is known. */
export function whyText(row: RequestRecord): string | null {
  const ending = endingOf(row.status)
  if (ending === 'ok' || ending === 'running') return null
  if (row.refusal !== null) {
    const { needed, held } = row.refusal
    const who = row.parent === null ? (row.token ?? t`The token`) : t`The session token of ${row.parent}`
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
      return t`${token} had expired, or had used up its requests.`
    case 'revoked':
      return t`${token} had been revoked.`
    case 'rotated':
      return t`The secret of ${token} had been replaced by a new one.`
    case 'deleted':
      return t`${token} had been deleted or replaced.`
    case 'unknown':
      return t`No token starts with ${prefix ?? ''}. Session tokens stop working when Hallpass restarts.`
    case 'malformed':
      return t`The token that was sent isn't one of Hallpass, or is incomplete.`
    case 'missing':
      return t`No token was sent.`
    default:
      return null
  }
}
