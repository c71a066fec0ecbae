import { dirname } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readSource, sourceFiles } from './imports.ts'

const MAX_LINES = 250
const MAX_FILES = 15

const LARGE_FOLDERS: Readonly<Record<string, string>> = {
  'cli/commands': 'One file per command, named after it, so that a command is found without looking.',
  'engine/store/migrations': 'One file per migration, in order. A published migration never changes.',
}

describe('source files', () => {
  test(`have at most ${MAX_LINES} lines`, () => {
    const long = sourceFiles()
      .map((path) => ({ path, lines: readSource(path).split('\n').length - 1 }))
      .filter(({ lines }) => lines > MAX_LINES)
    expect(long).toEqual([])
  })

  test(`number at most ${MAX_FILES} per folder, unless a reason is given`, () => {
    const counts = Map.groupBy(sourceFiles(), (path) => dirname(path))
    const large = [...counts].filter(
      ([folder, files]) => files.length > MAX_FILES && LARGE_FOLDERS[folder] === undefined,
    )
    expect(large.map(([folder, files]) => `${folder}: ${files.length}`)).toEqual([])
  })
})
