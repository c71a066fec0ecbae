import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { printable } from '../text/visible-text.ts'
import type { Principal } from './principal.ts'

const LONGEST_SHOWN = 80

/**
 * Returns a name in quotes for a sentence. Control and direction characters are replaced, so that it can't imitate
 * other text.
 */
export function quote(name: string): string {
  return `"${shown(name)}"`
}

/** Returns names as `a, b, c`. */
export function listed(names: readonly string[]): string {
  return names.map(shown).join(', ')
}

function shown(name: string): string {
  const plain = printable(name)
  return plain.length > LONGEST_SHOWN ? `${plain.slice(0, LONGEST_SHOWN)}…` : plain
}

export function describePrincipal(principal: Pick<Principal, 'kind' | 'name'>): string {
  return `${principal.kind === 'session' ? 'session token' : 'token'} ${quote(principal.name)}`
}

export function invalidToken(): HallpassError {
  return new HallpassError(
    'INVALID_TOKEN',
    'Invalid or unknown token. Session tokens stop working when Hallpass restarts; request a new one.',
  )
}

export function tokenExpired(): HallpassError {
  return new HallpassError(
    'TOKEN_EXPIRED',
    'This token has expired or was revoked. Request a new session token, or ask the owner for a new access token.',
  )
}

export function accessPaused(): HallpassError {
  return new HallpassError('PAUSED', 'All access is paused. Try again after the owner resumes it (hallpass resume).')
}

export function tokenPaused({ name, parent }: { name: string; parent: string | null }): HallpassError {
  const token =
    parent === null ? `Token ${quote(name)}` : `Token ${quote(parent)}, which this session token comes from,`
  return new HallpassError('PAUSED', `${token} is paused. Try again after the owner resumes it.`, {
    reason: 'token_paused',
  })
}

/** For requests that are running when the owner pauses their token. */
export function tokenPausedMidway(): HallpassError {
  return new HallpassError('PAUSED', 'The owner paused this token while the request was running.', {
    reason: 'token_paused',
    upstreamBlameless: true,
  })
}

export function connectionPaused(connection: string): HallpassError {
  return new HallpassError(
    'PAUSED',
    `The owner paused connection ${quote(connection)}. Try again after the owner resumes it.`,
    { reason: 'connection' },
  )
}

/** For requests that are running when the owner pauses their connection. */
export function connectionPausedMidway(connection: string): HallpassError {
  return new HallpassError(
    'PAUSED',
    `The owner paused connection ${quote(connection)} while the request was running.`,
    { reason: 'connection' },
  )
}

/** For requests that are running when their token expires or is revoked. */
export function tokenEndedMidway(): HallpassError {
  return new HallpassError('TOKEN_EXPIRED', 'The token expired or was revoked while the request was running.')
}

/** For requests that are running when the owner pauses all access. */
export function pausedMidway(): HallpassError {
  return new HallpassError('PAUSED', 'The owner paused all access while the request was running.')
}

/** For requests on a connection that is deleted or excluded from their project. */
export function connectionRemoved(connection: string): HallpassError {
  return unauthorized(
    `Document not in scope: access to ${quote(connection)} was removed while the request was running.`,
  )
}

export function unauthorized(sentence: string): HallpassError {
  return new HallpassError('UNAUTHORIZED', sentence)
}

/** For the owner only, because tokens must not learn what exists outside their grants. `where` follows "not found". */
export function unknownName(what: string, name: string, field = what, where = ''): HallpassError {
  return invalidRequest(`${what.charAt(0).toUpperCase()}${what.slice(1)} ${quote(name)} not found${where}.`, field)
}
