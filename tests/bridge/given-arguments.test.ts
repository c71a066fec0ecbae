import { expect, test } from 'vitest'
import { givenArguments } from '../../src/engine/bridge/tools/dispatched-call.ts'

const SCHEMA = {
  properties: {
    needed: { type: 'string' },
    text: { type: 'string' },
    nullable: { type: ['string', 'null'] },
    either: { anyOf: [{ type: 'number' }, { type: 'null' }] },
    choice: { enum: ['a', null] },
    letters: { enum: ['a', 'b'] },
    anything: {},
  },
  required: ['needed'],
}

test('treats null for an optional argument as not given', () => {
  const all = Object.fromEntries(Object.keys(SCHEMA.properties).map((name) => [name, null]))
  expect(givenArguments({ ...all, unknown: null }, SCHEMA)).toEqual({
    needed: null,
    nullable: null,
    either: null,
    choice: null,
    anything: null,
    unknown: null,
  })
})

test('returns arguments without null as the same object, and keeps nulls inside values', () => {
  const args = { text: 'a', anything: { deep: null } }
  expect(givenArguments(args, SCHEMA)).toBe(args)
})
