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

export function unauthorized(sentence: string): HallpassError {
  return new HallpassError('UNAUTHORIZED', sentence)
}

/** For the owner only: a token is never told what exists outside its grants. */
export function unknownName(what: string, name: string): HallpassError {
  return invalidRequest(`There is no ${what} named ${quote(name)}.`)
}
