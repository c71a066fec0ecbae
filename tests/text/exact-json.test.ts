import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { exactJson, parseExactJson, serializable } from '../../src/engine/text/exact-json.ts'

test.each([
  '9007199254740993',
  '-9007199254740993',
  '{"id":1234567890123456789,"n":[18446744073709551616,1,0.5]}',
  '{"text":"1234567890123456789","price":12345678901234567.25}',
])('keeps every digit of %s', (text) => {
  const printed = exactJson(parseExactJson(text))
  // Fractions are what a double can hold.
  expect(printed).toBe(text.replace('12345678901234567.25', '12345678901234568'))
})

test('keeps numbers that a double can represent as numbers', () => {
  expect(parseExactJson('[9007199254740991, 1e300, 1234567890123456.5, "1234567890123456789"]')).toEqual([
    9007199254740991,
    1e300,
    1234567890123456.5,
    '1234567890123456789',
  ])
})

test("rejects invalid JSON, and nesting that can't be walked, with a SyntaxError", () => {
  expect(() => parseExactJson('{"a":1234567890123456789')).toThrow(SyntaxError)
  const deep = `${'['.repeat(200_000)}1234567890123456789${']'.repeat(200_000)}`
  expect(() => parseExactJson(deep)).toThrow(SyntaxError)
})

test('agrees with plain JSON wherever that is exact', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = JSON.stringify({ value, pad: '1234567890123456789' })
      expect(exactJson(parseExactJson(text))).toBe(JSON.stringify(JSON.parse(text)))
    }),
  )
})

test('reads and prints whole numbers unchanged that a double can only hold as infinity', () => {
  for (const text of ['9'.repeat(309), `-${'1'.repeat(400)}`, `{"modulus":[${'7'.repeat(617)},{"e":65537}]}`])
    expect(exactJson(parseExactJson(text))).toBe(text)
})

test('reads and prints any whole number unchanged, with ours or a library', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }), (integer) => {
      const text = `{"a":[${integer}]}`
      expect(exactJson(parseExactJson(text))).toBe(text)
      expect(JSON.stringify(serializable(parseExactJson(text)))).toBe(text)
    }),
  )
})

test('returns a value without bigints as the same object', () => {
  const value = { a: [1, { b: null }] }
  expect(serializable(value)).toBe(value)
})

test('rejects a value that refers to itself', () => {
  const value: Record<string, unknown> = {}
  value['self'] = value
  expect(() => exactJson(value)).toThrow(TypeError)
})
