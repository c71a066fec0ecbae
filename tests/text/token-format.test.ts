import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { newAccessToken, newSessionToken, parseCredential } from '../../src/engine/text/token-format.ts'

describe('token format', () => {
  it('rejects what is not a token at all', () => {
    const { token } = newAccessToken()
    const session = newSessionToken().token
    const odd = [
      '',
      ' ',
      'hp_pat_',
      'sess_',
      'hp_pat',
      `${token} `,
      ` ${token}`,
      `${token}0`,
      token.slice(0, -1),
      token.toUpperCase(),
      `${session}=`,
      session.slice(0, -1),
      `${session}\n`,
      `${token}\n`,
      `Bearer ${token}`,
      'x'.repeat(1_000_000),
      `${token},${token}`,
    ]
    for (const text of odd) expect(parseCredential(text), text.slice(0, 60)).toBeNull()
  })

  it('rejects an access token with any one character changed', () => {
    const { token } = newAccessToken()
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'a' ? 'b' : 'a') + token.slice(at + 1)
      expect(parseCredential(changed)).toBeNull()
    }
  })

  it('rejects any other text', () => {
    fc.assert(fc.property(fc.string(), (text) => parseCredential(`hp_pat_${text}`) === null))
  })

  it('makes access tokens of 43 base62 characters and their CRC-32 in 6', () => {
    const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
    for (let round = 0; round < 200; round += 1) {
      const { token, hash, prefix } = newAccessToken()
      expect(token).toMatch(/^hp_pat_[0-9A-Za-z]{49}$/)
      const checksum = token
        .slice(-6)
        .split('')
        .reduce((value, character) => value * 62 + alphabet.indexOf(character), 0)
      expect(checksum).toBe(crc32(token.slice(0, -6)))
      expect(hash).toBe(createHash('sha256').update(token).digest('hex'))
      expect(token.startsWith(prefix)).toBe(true)
      expect(prefix.length).toBeLessThan(16)
      expect(parseCredential(token)).toEqual({ kind: 'access', hash })
    }
  })

  it('makes session tokens of 43 base64url characters', () => {
    const { token, hash } = newSessionToken()
    expect(token).toMatch(/^sess_[0-9A-Za-z_-]{43}$/)
    expect(parseCredential(token)).toEqual({ kind: 'session', hash })
  })
})
