import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { printable } from '../text/visible-text.ts'
import type { Principal } from './principal.ts'

const LONGEST_SHOWN = 80

/** A name as it may stand in a sentence: control and direction characters cut out, so that it cannot pose as other text. */
export function quote(name: string): string {
  const plain = printable(name)
  return plain.length > LONGEST_SHOWN ? `“${plain.slice(0, LONGEST_SHOWN)}…”` : `“${plain}”`
}

export function quoteAll(names: readonly string[]): string {
  return names.map(quote).join(', ')
}

export function describePrincipal(principal: Pick<Principal, 'kind' | 'name'>): string {
  return `${principal.kind === 'session' ? 'session token' : 'token'} ${quote(principal.name)}`
}

export function invalidToken(): HallpassError {
  return new HallpassError('INVALID_TOKEN', 'The token is missing, malformed or unknown.')
}

export function tokenEnded(): HallpassError {
  return new HallpassError('TOKEN_EXPIRED', 'The token has expired or was revoked.')
}

export function accessPaused(): HallpassError {
  return new HallpassError('PAUSED', 'The owner paused all access.')
}

/** For requests that run when the token expires or is revoked. */
export function tokenEndedMidway(): HallpassError {
  return new HallpassError('TOKEN_EXPIRED', 'The token expired or was revoked while the request was running.')
}

/** For requests that run when the owner pauses all access. */
export function pausedMidway(): HallpassError {
  return new HallpassError('PAUSED', 'The owner paused all access while the request was running.')
}

/** For requests that run on a connection that is deleted, or excluded from their project. */
export function connectionRemoved(connection: string): HallpassError {
  return unauthorized(
    `Document not in scope: access to ${quote(connection)} was removed while the request was running.`,
  )
}

export function unauthorized(sentence: string): HallpassError {
  return new HallpassError('UNAUTHORIZED', sentence)
}

/** For the owner only: a token is never told what exists outside its grants. */
export function unknownName(what: string, name: string): HallpassError {
  return invalidRequest(`There is no ${what} named ${quote(name)}.`)
}
