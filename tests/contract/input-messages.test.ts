import { isContractProcedure, type AnySchema } from '@orpc/contract'
import { beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { grantSchema } from '../../src/contract/grants.ts'
import { describeInvalidInput } from '../../src/contract/input-messages.ts'
import { nameSchema, tokenNameSchema } from '../../src/contract/names.ts'
import { ownerApi } from '../../src/contract/owner-api.ts'
import { settingsSchema } from '../../src/contract/settings.ts'

/** How zod itself begins its messages. */
const DEFAULT = /\bInvalid\b|\bToo (?:small|big)\b|\bUnrecognized\b|\bRequired\b|expected .* received|\bUnknown error\b/

function* inputs(part: unknown, path: string[] = []): Generator<[name: string, schema: AnySchema]> {
  if (isContractProcedure(part)) {
    const schema = part['~orpc'].inputSchema
    if (schema !== undefined) yield [path.join('.'), schema]
    return
  }
  for (const [key, below] of Object.entries(part as object)) yield* inputs(below, [...path, key])
}

const WRONG: readonly unknown[] = [
  undefined,
  null,
  5,
  -1.5,
  1e300,
  true,
  '',
  'x',
  'x'.repeat(100_000),
  [],
  [null],
  {},
  { unknown: 1 },
  Array.from({ length: 100_000 }, () => 'x'),
]

/** Values that are wrong in one field after the other, as deep as the schema goes. */
function* broken(node: unknown, depth = 0): Generator<unknown> {
  yield* WRONG
  const { properties, items, anyOf } = (node ?? {}) as { properties?: object; items?: unknown; anyOf?: unknown[] }
  if (depth > 3) return
  for (const [key, below] of Object.entries(properties ?? {}))
    for (const value of broken(below, depth + 1)) yield { [key]: value }
  if (items !== undefined) for (const value of broken(items, depth + 1)) yield [value]
  for (const option of anyOf ?? []) yield* broken(option, depth + 1)
}

describe('errors for invalid input', () => {
  beforeAll(() => describeInvalidInput())

  const schemas: [string, AnySchema][] = [
    ...inputs(ownerApi),
    ['grant', grantSchema],
    ['name', nameSchema],
    ['token name', tokenNameSchema],
    ['settings', settingsSchema],
  ]

  test('cover the owner API', () => {
    expect(schemas.length).toBeGreaterThan(40)
  })

  test.each(schemas)('contain no message of zod for %s', async (_name, schema) => {
    const found = new Set<string>()
    let issues = 0
    const shape = schema instanceof z.ZodType ? z.toJSONSchema(schema, { unrepresentable: 'any', io: 'input' }) : {}
    for (const value of broken(shape)) {
      const outcome = await schema['~standard'].validate(value)
      for (const { message } of outcome.issues ?? []) {
        issues += 1
        if (DEFAULT.test(message)) found.add(message)
      }
    }
    expect([...found]).toEqual([])
    expect(issues).toBeGreaterThan(0)
  })

  test.each<[z.ZodType, unknown, string]>([
    [z.string(), undefined, 'a value is required'],
    [z.string(), 5, 'must be text'],
    [z.int(), 1.5, 'must be a whole number'],
    [z.int(), 'x', 'must be a number'],
    [z.int().min(1).max(100_000), 100_001, 'must be at most 100,000'],
    [z.number().gt(2), 2, 'must be more than 2'],
    [z.string().min(1), '', "can't be empty"],
    [z.string().max(3), 'abcd', 'must have at most 3 characters'],
    [z.array(z.string()).min(2), ['a'], 'must have at least 2 entries'],
    [z.enum(['a', 'b', 'c']), 'd', 'must be a, b or c'],
    [z.literal(true), false, 'must be true'],
    [z.strictObject({}), { extra: 'secret' }, 'unknown field "extra"'],
    [z.url(), 'x', 'must be a URL starting with https:// or http://'],
    [z.union([z.string(), z.number()]), {}, 'must have one of the allowed forms'],
    [z.string('say it yourself'), 5, 'say it yourself'],
  ])('are in plain words: %#', (schema, value, message) => {
    expect(schema.safeParse(value).error?.issues[0]?.message).toBe(message)
  })
})
