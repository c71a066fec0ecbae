import { describe, expect, test } from 'vitest'
import { parseGristAddress } from '../../src/contract/grist-address.ts'

const LONG = 'sTandInDoc1234567890Ab'

describe('the address of a document', () => {
  test.each([
    ['not an address', undefined, /^url/],
    ['ftp://grist.example/abc', 'abc', /^url must start/],
    ['https://user:pass@grist.example', 'abc', /^url holds a user name/],
    ['https://grist.example/a%2fb', 'abc', /^url holds an encoded slash/],
    ['https://grist.example/a\\b', 'abc', /^url holds/],
    ['https://grist.example', undefined, /^doc is missing/],
    ['https://grist.example', 'a/b', /^doc is not/],
    ['https://grist.example/sTandInDoc12/Sales', 'otherDoc1234', /^doc and the document named in url/],
  ])('%s with %s is refused', (url, doc, message) => {
    expect(() => parseGristAddress(url, doc)).toThrow(
      expect.objectContaining({ code: 'INVALID_REQUEST', message: expect.stringMatching(message) }),
    )
  })

  test.each([
    ['https://grist.example', 'abc', { server: 'https://grist.example', doc: 'abc' }],
    ['https://grist.example/', LONG, { server: 'https://grist.example', doc: LONG }],
    [
      'https://grist.example/sTandInDoc12/Sales/p/3?style=light#a1',
      undefined,
      { server: 'https://grist.example', doc: 'sTandInDoc12' },
    ],
    [
      'https://grist.example/o/team/sTandInDoc12/Sales',
      undefined,
      { server: 'https://grist.example', org: 'team', doc: 'sTandInDoc12' },
    ],
    ['http://127.0.0.1:8484/o/docs/doc/abc', undefined, { server: 'http://127.0.0.1:8484', org: 'docs', doc: 'abc' }],
    [
      `https://intra.example/tools/grist/doc/${LONG}`,
      undefined,
      { server: 'https://intra.example/tools/grist', doc: LONG },
    ],
    [
      'https://intra.example/spreadsheets/sTandInDoc12/Sales',
      undefined,
      { server: 'https://intra.example/spreadsheets', doc: 'sTandInDoc12' },
    ],
    ['https://intra.example/grist', 'abc', { server: 'https://intra.example/grist', doc: 'abc' }],
    [`https://grist.example/api/docs/${LONG}/tables`, undefined, { server: 'https://grist.example', doc: LONG }],
    ['https://grist.example/sTandInDoc12/Sales', LONG, { server: 'https://grist.example', doc: LONG }],
    [
      `https://grist.example/${LONG}~fork1~7/Sales`,
      undefined,
      { server: 'https://grist.example', doc: `${LONG}~fork1~7` },
    ],
  ])('%s with %s is understood', (url, doc, expected) => {
    expect(parseGristAddress(url, doc)).toEqual(expected)
  })
})
