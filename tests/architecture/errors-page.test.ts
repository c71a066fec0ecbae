import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { ERROR_TABLE } from '../../src/contract/errors.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/errors.md'), 'utf8')
const rows = new Map(
  [...page.matchAll(/^\| `([A-Z_]+)` \| (\d+) \| (.+?) \| (.+?) \|$/gm)].map(([, code = '', status, when, advice]) => [
    code,
    { status: Number(status), when, advice },
  ]),
)

describe('docs/errors.md', () => {
  test('names no code that Hallpass does not have', () => {
    expect([...rows.keys()].filter((code) => !Object.hasOwn(ERROR_TABLE, code))).toEqual([])
  })

  for (const [code, { status }] of Object.entries(ERROR_TABLE)) {
    test(`tells ${code} with its status, when it comes and what to do`, () => {
      expect(rows.get(code)).toMatchObject({ status })
      expect(rows.get(code)?.when).toMatch(/\w.*\.$/)
      expect(rows.get(code)?.advice).toMatch(/\w/)
    })
  }
})
