import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const ACCESS_PREFIX = 'hp_pat_'
const SESSION_PREFIX = 'sess_'
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const BODY_LENGTH = 43
const CHECKSUM_LENGTH = 6
const SHOWN_BODY = 5
const ACCESS_SHAPE = /^hp_pat_[0-9A-Za-z]{49}$/
/** Also matches the beginning of a truncated token. A name such as sess_id doesn't match. */
const IN_TEXT = /hp_pat_[0-9A-Za-z]{8,}|sess_[0-9A-Za-z_-]{20,}/g
const SESSION_SHAPE = /^sess_[0-9A-Za-z_-]{43}$/

interface NewSecret {
  token: string
  hash: string
}
export type Credential = { kind: 'access' | 'session'; hash: string }

/** Returns the SHA-256 of a whole token in hex, which is stored instead of it. */
function hashToken(token: string): string {
  return hash('sha256', token, 'hex')
}

/** Returns a new access token. `prefix` is its first characters, stored for display. */
export function newAccessToken(): NewSecret & { prefix: string } {
  const body = base62(BigInt(`0x${randomBytes(32).toString('hex')}`), BODY_LENGTH)
  const token = withChecksum(ACCESS_PREFIX + body)
  return { token, hash: hashToken(token), prefix: shownPrefix(token) }
}

export function newSessionToken(): NewSecret {
  const token = SESSION_PREFIX + randomBytes(32).toString('base64url')
  return { token, hash: hashToken(token) }
}

/**
 * Checks shape and checksum of a bearer credential. Returns null if it can't be one of our tokens, so that no lookup is
 * needed.
 */
export function parseCredential(bearer: string): Credential | null {
  if (ACCESS_SHAPE.test(bearer)) {
    if (withChecksum(bearer.slice(0, -CHECKSUM_LENGTH)) !== bearer) return null
    return { kind: 'access', hash: hashToken(bearer) }
  }
  return SESSION_SHAPE.test(bearer) ? { kind: 'session', hash: hashToken(bearer) } : null
}

/** Returns the first characters of a well-formed token, which are shown where its name is unknown. */
export function shownPrefix(token: string): string {
  const kind = token.startsWith(ACCESS_PREFIX) ? ACCESS_PREFIX : SESSION_PREFIX
  return token.slice(0, kind.length + SHOWN_BODY)
}

function withChecksum(text: string): string {
  let rest = crc32(text)
  let checksum = ''
  for (let place = 0; place < CHECKSUM_LENGTH; place += 1) {
    checksum = BASE62.charAt(rest % 62) + checksum
    rest = Math.floor(rest / 62)
  }
  return text + checksum
}

function base62(value: bigint, length: number): string {
  let text = ''
  for (let rest = value; text.length < length; rest /= 62n) text = BASE62.charAt(Number(rest % 62n)) + text
  return text
}

/** Returns the text with everything masked that looks like one of our tokens. */
export function maskTokens(text: string): string {
  return text.includes(ACCESS_PREFIX) || text.includes(SESSION_PREFIX) ? text.replace(IN_TEXT, '[token]') : text
}
