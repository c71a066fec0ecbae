import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cutToFit } from '../../../src/engine/bridge/tools/answers/cut-value.ts'
import { exactJson } from '../../../src/engine/text/exact-json.ts'

const rows = (count: number) => ({
  records: Array.from({ length: count }, (_, id) => ({ id, name: `row ${id}`, note: 'x'.repeat(40) })),
  total: count,
})

describe('cutting a value to fit', () => {
  test('returns nothing if the schema forbids every cut', () => {
    const list = Array.from({ length: 1000 }, (_, index) => index)
    expect(cutToFit({ list }, 500, { properties: { list: { minItems: 1000 } } })).toBeUndefined()
    const code = 'a'.repeat(5000)
    for (const rule of [{ pattern: '^a+$' }, { minLength: 5000 }, { const: code }, { enum: [code] }, { format: 'uri' }])
      expect(cutToFit({ code }, 500, { properties: { code: rule } }), JSON.stringify(rule)).toBeUndefined()
  })

  test('follows the schema through references, unions and items', () => {
    const schema = {
      properties: { list: { type: 'array', items: { anyOf: [{ type: 'null' }, { $ref: '#/$defs/code' }] } } },
      $defs: { code: { type: 'string', minLength: 300 } },
    }
    const cut = cutToFit({ list: ['a'.repeat(1000), 'b'.repeat(1000)] }, 700, schema) as { list: string[] }
    expect(cut.list.every((code) => code.length >= 300)).toBe(true)
    expect(cut.list.length).toBeGreaterThan(0)
  })

  test('keeps short values, and as many whole records as fit', () => {
    const small = rows(3)
    expect(cutToFit(small, 10_000, {})).toBe(small)
    const cut = cutToFit(rows(50_000), 32_000, {}) as ReturnType<typeof rows>
    expect(cut.total).toBe(50_000)
    expect(cut.records.length).toBeGreaterThan(400)
    expect(cut.records).toEqual(rows(cut.records.length).records)
    expect(exactJson(cut).length).toBeLessThanOrEqual(32_000)
    expect(exactJson(cut).length).toBeGreaterThan(31_000)
  })

  test('returns nothing if the keys alone are too long', () => {
    expect(
      cutToFit(Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`key ${index}`, 1])), 1000, {}),
    ).toBeUndefined()
  })

  test('never splits a character', () => {
    expect(cutToFit({ text: '😀'.repeat(2000) }, 600, {})).not.toMatchObject({
      text: expect.stringMatching(/[\uD800-\uDBFF]$/),
    })
  })

  test.each([{}, { a: {} }, { a: { b: 1, c: [2, {}] }, d: 'e' }])(
    'keeps %j if its JSON has exactly the maximum length',
    (value) => {
      const { length } = JSON.stringify(value)
      expect(cutToFit(value, length, {})).toBe(value)
      expect(cutToFit(value, length - 1, {})).not.toBe(value)
    },
  )

  test('cuts values quickly under a schema that refers to itself many times', () => {
    const schema = {
      $defs: { a: { allOf: Array.from({ length: 50 }, () => ({ $ref: '#/$defs/a' })) } },
      $ref: '#/$defs/a',
    }
    const cut = cutToFit({ text: 'x'.repeat(2000) }, 600, schema)
    expect(exactJson(cut).length).toBeLessThanOrEqual(600)
  })

  test('returns a valid beginning of any value, within the bound', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), fc.integer({ min: 200, max: 2000 }), (value, bound) => {
        const cut = cutToFit({ value }, bound, {})
        if (cut === undefined) return
        const text = exactJson(cut)
        expect(text.length).toBeLessThanOrEqual(bound)
        expect(() => JSON.parse(text)).not.toThrow()
        if (JSON.stringify({ value }).length <= bound) expect(text).toBe(JSON.stringify({ value }))
      }),
    )
  })
})
