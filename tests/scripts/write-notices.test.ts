import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { noticesOf, packagesOf } from '../../scripts/write-notices.ts'

const root = resolve(import.meta.dirname, '../..')
const scratch = mkdtempSync(join(tmpdir(), 'hallpass-notices-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

describe('the notices of other packages', () => {
  it('name each package of a bundle once, including scoped and nested ones', () => {
    const inputs = [
      'src/cli/index.ts',
      'node_modules/zod/index.js',
      'node_modules/zod/v4/core.js',
      'node_modules/@orpc/client/dist/index.mjs',
      'node_modules/a/node_modules/b/index.js',
    ]
    expect(packagesOf(inputs)).toEqual(['@orpc/client', 'b', 'zod'])
  })
  it('contain the text of each license', () => {
    const text = noticesOf(root, ['commander', 'zod'])
    expect(text).toMatch(/^commander [\d.]+ \(MIT\)$/m)
    expect(text.match(/Permission is hereby granted/g)).toHaveLength(2)
  })
  it('reject a package without a license', () => {
    mkdirSync(join(scratch, 'node_modules/bare'), { recursive: true })
    writeFileSync(join(scratch, 'node_modules/bare/package.json'), '{"version":"1.0.0"}')
    expect(() => noticesOf(scratch, ['bare'])).toThrow('bare')
  })
})
