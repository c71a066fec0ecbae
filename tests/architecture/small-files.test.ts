import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { allImports, importsIn, readSource, sourceFiles } from './imports.ts'

const FEW_LINES = 20
const TESTS = join(import.meta.dirname, '..')

/** Files that stay apart although they are small, and why. */
const APART: readonly (readonly [path: RegExp, reason: string])[] = [
  [/^cli\/commands\//, 'One file per command.'],
  [/^engine\/store\/migrations\//, 'One file per migration.'],
  [/^engine\/store\/directory\//, 'One file per table.'],
  [/-screen\.tsx$/, 'One file per screen.'],
  [/^engine\/egress\/undici\.ts$/, 'Loaded late: the bundler keeps of a CommonJS package only what a file re-exports.'],
]

/** Files under src/ that a test imports: they are small to be tested on their own. */
function testedFiles(): Set<string> {
  const tests = readdirSync(TESTS, { recursive: true, encoding: 'utf8' }).filter((path) => /\.tsx?$/.test(path))
  return new Set(
    tests.flatMap((path) =>
      importsIn(join('..', 'tests', path), readFileSync(join(TESTS, path), 'utf8')).flatMap(({ to, ours }) =>
        ours ? [to] : [],
      ),
    ),
  )
}

test('no file is so small that it belongs in its only importer', () => {
  const importers = Map.groupBy(
    allImports().filter(({ ours }) => ours),
    ({ to }) => to,
  )
  const tested = testedFiles()
  expect(tested).toContain('engine/index.ts')
  const lonely = sourceFiles().filter(
    (path) =>
      readSource(path).split('\n').length - 1 < FEW_LINES &&
      new Set(importers.get(path)?.map(({ from }) => from)).size === 1 &&
      !tested.has(path) &&
      !APART.some(([pattern]) => pattern.test(path)),
  )
  expect(lonely.map((path) => `${path} ← ${importers.get(path)?.[0]?.from}`)).toEqual([])
})

test('every listed exception names an existing file', () => {
  expect(
    APART.filter(([pattern]) => !sourceFiles().some((path) => pattern.test(path))).map(([, reason]) => reason),
  ).toEqual([])
})
