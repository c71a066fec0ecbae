import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ERROR_TABLE } from '../../src/contract/error-table.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)].map(
  ([, code = '', status, when, advice]) => [code, { status: Number(status), when, advice }] as const,
)

describe('docs/errors.md', () => {
  test('lists every code with the status, the cause and the advice of the error table', () => {
    expect(Object.fromEntries(rows)).toEqual(ERROR_TABLE)
    expect(rows).toHaveLength(Object.keys(ERROR_TABLE).length)
  })
})
