import { describe, expect, test } from 'vitest'
import { parseGristAddress } from '../../src/contract/upstreams/grist-address.ts'

const LONG = 'sTandInDoc1234567890Ab'

describe('the address of a document', () => {
  test.each([
    ['not an address', undefined, 'config.url'],
    ['ftp://grist.example/abc', 'abc', 'config.url'],
    ['https://user:pass@grist.example', 'abc', 'config.url'],
    ['https://grist.example/a%2fb', 'abc', 'config.url'],
    ['https://grist.example/a\\b', 'abc', 'config.url'],
    ['https://grist.example', undefined, 'config.url'],
    ['https://grist.example', 'a/b', 'config.doc'],
    ['https://grist.example/sTandInDoc12/Sales', 'otherDoc1234', 'config.doc'],
  ])('rejects %s with %s', (url, doc, field) => {
    expect(() => parseGristAddress(url, doc)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST', field }))
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
  ])('accepts %s with %s', (url, doc, expected) => {
    expect(parseGristAddress(url, doc)).toEqual(expected)
  })
})
