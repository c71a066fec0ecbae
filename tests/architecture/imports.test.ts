import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { LAYERS, lintZone } from './engine-layers.ts'
import { RULES } from './import-rules.ts'
import { allImports, exists, importsIn, readSource, sourceFiles, type Import } from './imports.ts'

const imports = allImports()

/** Imports that each rule must catch; the name of the rule, then the import. */
const FORBIDDEN: [string, string, string][] = [
  ['contract imports nothing of ours', 'contract/a.ts', "import { x } from '../engine/clock.ts'"],
  ['the engine imports none of its interfaces', 'engine/http/a.ts', "export { x } from '../../cli/index.ts'"],
  [
    'control imports types alone from the engine, and no interface',
    'control/a.ts',
    "import { x, type Y } from '../engine/index.ts'",
  ],
  [
    'control imports types alone from the engine, and no interface',
    'control/a.ts',
    "const x = await import('../engine/index.ts')",
  ],
  ['cli and main never import each other', 'cli/commands/a.ts', "import '../../main/index.ts'"],
  [
    'preload and renderer import the contract only',
    'renderer/app/a.tsx',
    "import type { X } from '../../engine/index.ts'",
  ],
  ['electron is named in main and preload alone', 'engine/a.ts', "import type { App } from 'electron'"],
  ['electron is named in main and preload alone', 'control/a.ts', "type App = typeof import('electron/main')"],
  ['modules of the engine import only from lower layers', 'engine/access/a.ts', "import type { X } from '../log/x.ts'"],
  ['modules of the engine import only from lower layers', 'engine/store/a.ts', "import { x } from '../http/x.ts'"],
  [
    'modules of the engine import only from lower layers',
    'engine/documents/a.ts',
    "import type { X } from '../http-apis/x.ts'",
  ],
  ['modules of the engine import only from lower layers', 'engine/bridge/a.ts', "import { x } from '../http/x.ts'"],
  ['modules of the engine import only from lower layers', 'engine/calls/a.ts', "import { x } from '../settings.ts'"],
  ['the keychain is touched in secrets alone', 'engine/owner/a.ts', "import keytar from 'keytar'"],
  [
    'the database driver is named by the store and the SQLite connection alone',
    'engine/log/a.ts',
    "import Database from 'better-sqlite3'",
  ],
  ['the engine is reached through its entry point', 'cli/a.ts', "import { x } from '../engine/access/x.ts'"],
]

function told(found: Import, reason: string): string {
  return `src/${found.from} imports ${found.to}. ${reason}`
}

describe('import rules', () => {
  for (const rule of RULES) {
    test(rule.name, () => {
      expect(imports.filter((found) => rule.breaks(found)).map((found) => told(found, rule.reason))).toEqual([])
    })
  }

  test('each rule finds what it forbids', () => {
    for (const [name, from, text] of FORBIDDEN) {
      const rule = RULES.find((each) => each.name === name)
      expect(
        importsIn(from, text).some((found) => rule?.breaks(found)),
        `${name}: ${text}`,
      ).toBe(true)
    }
    expect(RULES.filter((rule) => !FORBIDDEN.some(([name]) => name === rule.name)).map((rule) => rule.name)).toEqual([])
  })

  test('the folders named in rules exist', () => {
    const gone = RULES.flatMap((rule) => rule.folders).filter((folder) => !exists(folder))
    expect(gone).toEqual([])
  })

  test('every relative import resolves to a file', () => {
    expect(
      imports.filter((found) => found.ours && !exists(found.to)).map((found) => `src/${found.from} → ${found.to}`),
    ).toEqual([])
  })
})

describe('lint', () => {
  const lint = JSON.parse(readFileSync(join(import.meta.dirname, '../../.oxlintrc.json'), 'utf8')) as {
    overrides: { files: string[]; rules: { 'no-restricted-imports'?: [string, { patterns: object[] }] } }[]
  }

  test.each(LAYERS.flat())('restricts imports of %s as the layers do', (module) => {
    const { files, group, message } = lintZone(module)
    const zone = lint.overrides.find((override) => override.files.join() === files.join())
    const patterns = zone?.rules['no-restricted-imports']?.[1].patterns ?? []
    expect(patterns).toContainEqual(group.length === 0 ? expect.anything() : { group, message })
  })

  test('every folder of the engine belongs to a layer', () => {
    const folders = new Set(sourceFiles().flatMap((path) => /^engine\/([^/]+)\//.exec(path)?.[1] ?? []))
    expect([...folders].toSorted()).toEqual(LAYERS.flat().toSorted())
  })
})

describe('the engine', () => {
  test('has no import cycle between files, except for types', () => {
    const edges = new Map<string, string[]>()
    for (const { from, to, ours, typeOnly } of imports)
      if (ours && !typeOnly) edges.set(from, [...(edges.get(from) ?? []), to])
    const done = new Set<string>()
    const cycles: string[] = []
    function visit(file: string, trail: string[]): void {
      if (trail.includes(file)) cycles.push([...trail.slice(trail.indexOf(file)), file].join(' → '))
      if (trail.includes(file) || done.has(file)) return
      for (const next of edges.get(file) ?? []) visit(next, [...trail, file])
      done.add(file)
    }
    for (const file of sourceFiles()) visit(file, [])
    expect(cycles).toEqual([])
  })

  test('has no state in its modules: no `let` or `var` at the top of a file', () => {
    const stateful = sourceFiles().filter(
      (path) => path.startsWith('engine/') && /^(export )?(let|var) /m.test(readSource(path)),
    )
    expect(stateful).toEqual([])
  })

  test('reads the time only from its clock', () => {
    const TIME = /\b(?:performance\.now|Date\.now|process\.hrtime|process\.uptime)\b|new Date\(\)|\bDate\(\)/
    const timed = sourceFiles().filter((path) => path.startsWith('engine/') && TIME.test(readSource(path)))
    expect(timed).toEqual(['engine/clock.ts'])
  })

  test('has no empty catch block', () => {
    expect(sourceFiles().filter((path) => /catch\s*(\([^)]*\))?\s*\{\s*\}/.test(readSource(path)))).toEqual([])
  })
})

test('no file name is a generic word', () => {
  expect(sourceFiles().filter((path) => /(^|[/-])(utils?|helpers?|managers?|common|misc)([/.-])/i.test(path))).toEqual(
    [],
  )
})

test('file names are lowercase with hyphens', () => {
  expect(sourceFiles().filter((path) => !/^[a-z0-9/.-]+$/.test(path) && !path.startsWith('renderer/'))).toEqual([])
})
