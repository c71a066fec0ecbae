import { expect, test } from 'vitest'
import { boundResult } from '../../../src/engine/bridge/tools/answers/bound-result.ts'
import { valueShape } from '../../../src/engine/bridge/tools/answers/value-shape.ts'

const MAX = 32_000
const bound = (result: object, outputSchema?: unknown, maxChars = MAX) =>
  boundResult(result as never, { maxChars, outputSchema, rest: () => ['read on'] }) as Record<string, any>
const sizeOf = (content: { text?: string }[]): number => content.reduce((sum, { text }) => sum + (text?.length ?? 0), 0)

test('passes a short result on as the same object', () => {
  const result = { content: [{ type: 'text', text: 'short' }], structuredContent: { a: 1 } }
  expect(bound(result)).toBe(result)
})

test('passes a result on that asks for input', () => {
  const result = { resultType: 'input_required', inputRequests: {} }
  expect(bound(result)).toBe(result)
})

test('shows the first records of a long result, with the total, their shape and how to get the rest', () => {
  const structuredContent = { records: Array.from({ length: 50_000 }, (_, id) => ({ id, name: `row ${id}` })) }
  const result = bound({ content: [{ type: 'text', text: JSON.stringify(structuredContent) }], structuredContent })
  expect(JSON.stringify(result['structuredContent']).length).toBeLessThanOrEqual(MAX)
  expect(result['structuredContent'].records.length).toBeGreaterThan(500)
  const [{ text }] = result['content']
  expect(text).toContain('{records: 50,000 × {id: number, name: text}}')
  expect(text).toContain('To get the rest: read on.')
  expect(text.length).toBeLessThan(6000)
})

test('replaces a cut that would break the schema with an error that describes the result', () => {
  const structuredContent = { codes: Array.from({ length: 20_000 }, () => 'abc') }
  const schema = { type: 'object', properties: { codes: { type: 'array', minItems: 20_000 } } }
  const result = bound({ content: [], structuredContent }, schema)
  expect(result['isError']).toBe(true)
  expect(result['structuredContent']).toBeUndefined()
  expect(result['content'][0].text).toContain('20,000 × text')
})

test('bounds all texts together, errors at a lower limit, and leaves images alone', () => {
  const text = { type: 'text', text: 'word '.repeat(10_000) }
  const image = { type: 'image', data: 'AAAA', mimeType: 'image/png' }
  const long = bound({ content: [text, image, text] })
  expect(sizeOf(long['content'])).toBeLessThanOrEqual(MAX)
  expect(long['content']).toContainEqual(image)
  expect(long['content'].at(-1).text).toMatch(/^This answer was shortened: it shows 30,000 of 100,000 characters\./)
  const failed = bound({ content: [text], isError: true })
  expect(sizeOf(failed['content'])).toBeLessThanOrEqual(8000)
  expect(failed['content'][0].text.startsWith('word word')).toBe(true)
})

test('counts the text of an embedded resource', () => {
  const resource = { type: 'resource', resource: { uri: 'file:///a', text: 'x'.repeat(100_000) } }
  expect(JSON.stringify(bound({ content: [resource] })).length).toBeLessThan(MAX + 1000)
})

test('shows at most four images with 2 MiB in total, and names the others', () => {
  const image = (kib: number) => ({ type: 'image', data: 'A'.repeat((kib * 1024 * 4) / 3), mimeType: 'image/png' })
  const many = bound({ content: [1, 1, 1, 1, 1, 1].map(image) })
  expect(many['content'].map((block: any) => block.type)).toEqual(['image', 'image', 'image', 'image', 'text', 'text'])
  const large = bound({ content: [image(1500), image(1500), image(100)] })
  expect(large['content'].map((block: any) => block.type)).toEqual(['image', 'text', 'image'])
})

test.each([
  [{ a: [1, 2], b: { c: null } }, '{a: 2 × number, b: {c: null}}'],
  [[], 'an empty list'],
  [Object.fromEntries(Array.from({ length: 30 }, (_, id) => [`k${id}`, id])), '{30 keys: number}'],
  [[[[[1]]]], '1 × 1 × 1 × 1 items'],
])('describes the shape of %j', (value, shape) => {
  expect(valueShape(value)).toBe(shape)
})
