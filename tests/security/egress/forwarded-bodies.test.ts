import { describe, expect, test } from 'vitest'
import { requestHeaders } from '../../../src/engine/egress/header-filters.ts'
import { guardedBody } from '../../../src/engine/egress/request-body.ts'
import { newAccessToken, newSessionToken } from '../../../src/engine/text/token-format.ts'

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data; boundary=b'

async function passed(text: string, type: string | undefined, pieceLength: number): Promise<string> {
  async function* pieces() {
    for (let at = 0; at < text.length; at += pieceLength) yield Buffer.from(text.slice(at, at + pieceLength))
  }
  let out = ''
  for await (const piece of guardedBody(pieces(), type)) out += Buffer.from(piece).toString()
  return out
}

describe('what a caller sends on to an upstream', () => {
  const tokens = [newAccessToken().token, newSessionToken().token]

  test.each([1, 3, 7, 55, 56, 57, 1000])(
    'has no token of Hallpass in its body, in pieces of %i bytes',
    async (length) => {
      const text = `first ${tokens[0]} h hp_pat_short sess_ ${tokens[1]}${tokens[0]} last s`
      const out = await passed(text, 'application/json', length)
      for (const token of tokens) expect(out).not.toContain(token)
      expect(out).toBe(text.replaceAll(tokens[0] ?? '', '*'.repeat(56)).replaceAll(tokens[1] ?? '', '*'.repeat(48)))
    },
  )

  test.each(['h', 's', 'hp', 'se', 'sess', 'sess_', 'sess_h'])(
    'has no token that ends like the beginning of another one: %s',
    async (end) => {
      const ending = [`hp_pat_${end.padStart(49, '0')}`, `sess_${end.padStart(43, '0')}`].filter(
        (token) => token.startsWith('sess_') || !end.includes('_'),
      )
      for (const token of ending) {
        for (let length = 1; length <= 120; length += 1) {
          const out = await passed(`${token} ${token}${token}`, 'application/json', length)
          const mask = '*'.repeat(token.length)
          expect(out, `in pieces of ${length} bytes`).toBe(`${mask} ${mask}${mask}`)
        }
      }
    },
  )

  test('has no token of Hallpass in its headers', () => {
    const sent = requestHeaders(['X-Note', `see ${tokens[0]}`], { ownHeader: null, hasSecret: false })
    expect(sent.join()).not.toContain(tokens[0])
  })

  test.each(['Method-Override', 'X-HTTP-Verb', 'X-Override-Method', 'X-HTTP-Method-Override', 'X-Method-Override'])(
    'has no header %s',
    (name) => {
      expect(requestHeaders([name, 'DELETE'], { ownHeader: null, hasSecret: false })).toEqual([])
    },
  )

  test.each([
    [FORM, '_method=DELETE'],
    [FORM, 'a=1&_method=DELETE&b=2'],
    [FORM, 'a=1&%5Fmethod=DELETE'],
    [FORM, '_METHOD=DELETE'],
    [FORM, 'a=1&_method'],
    [MULTIPART, '--b\r\nContent-Disposition: form-data; name="_method"\r\n\r\nDELETE\r\n--b--'],
    [MULTIPART, '--b\r\nContent-Disposition: form-data; name=_method\r\n\r\nDELETE\r\n--b--'],
  ])('is rejected if a form overrides the method: %s %s', async (type, body) => {
    for (const length of [1, 5, 1000]) {
      const sent = passed(`${body}&`, type, length)
      await expect(sent).rejects.toMatchObject({ code: 'INVALID_REQUEST' })
    }
  })

  test.each([
    [FORM, 'method=post&a_method=1&value=_method'],
    [MULTIPART, '--b\r\nContent-Disposition: form-data; name="payment_method"\r\n\r\ncard\r\n--b--'],
    ['application/json', '{"_method":"DELETE"}'],
  ])('is passed on otherwise unchanged: %s %s', async (type, body) => {
    expect(await passed(body, type, 4)).toBe(body)
  })
})
