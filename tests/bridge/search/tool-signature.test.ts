import { expect, test } from 'vitest'
import { toolSignature } from '../../../src/engine/bridge/tools/search/tool-signature.ts'

const object = (properties: object, required: string[] = []) => ({ type: 'object', properties, required })

test.each([
  ['no arguments', { type: 'object' }, undefined, 't()'],
  [
    'required before optional ones',
    object({ head: { type: 'integer' }, path: { type: 'string' } }, ['path']),
    object({ content: { type: 'string' } }, ['content']),
    't(path: string, head?: number): {content: string}',
  ],
  ['a short enum', object({ order: { enum: ['asc', 'desc'] } }), undefined, 't(order?: "asc" | "desc")'],
  [
    'a long enum',
    object({ letter: { type: 'string', enum: ['a', 'b', 'c', 'd', 'e', 'f', 'g'] } }),
    undefined,
    't(letter?: string)',
  ],
  [
    'lists, unions and null',
    object({
      ids: { type: 'array', items: { type: ['integer', 'null'] } },
      to: { anyOf: [{ type: 'string' }, { type: 'null' }] },
    }),
    undefined,
    't(ids?: (number | null)[], to?: string | null)',
  ],
  [
    'objects one level deep',
    object({ body: object({ name: { type: 'string' }, more: object({ deep: { type: 'string' } }) }, ['name']) }, [
      'body',
    ]),
    undefined,
    't(body: {name: string, more?: object})',
  ],
  [
    'a reference into its own definitions',
    { ...object({ id: { $ref: '#/$defs/id' } }), $defs: { id: { type: 'integer' } } },
    undefined,
    't(id?: number)',
  ],
  ['a schema that says nothing', object({ anything: {} }), {}, 't(anything?: any): any'],
])('shows %s', (_title, input, output, signature) => {
  expect(toolSignature('t', input, output)).toBe(signature)
})

test('stops at a schema that refers to itself', () => {
  const tree = {
    $ref: '#/$defs/tree',
    $defs: { tree: object({ children: { type: 'array', items: { $ref: '#/$defs/tree' } } }) },
  }
  expect(toolSignature('t', object({ tree: { $ref: '#/$defs/tree' } }), tree).length).toBeLessThan(300)
})

test('cuts many arguments at about 240 characters', () => {
  const many = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`argument_${index}`, { type: 'string' }]))
  const signature = toolSignature('t', object(many), undefined)
  expect(signature.length).toBeLessThan(260)
  expect(signature).toMatch(/, …\)$/)
})
