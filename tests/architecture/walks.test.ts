import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { allImports, exists } from './imports.ts'

const page = readFileSync(join(import.meta.dirname, '../../ARCHITECTURE.md'), 'utf8')
const edges = new Set(allImports().flatMap(({ from, to, ours }) => (ours ? [`${from} ${to}`, `${to} ${from}`] : [])))

/** A walk is a heading "Walk: …" with a numbered list, whose items begin with a path under src/. */
const walks = page
  .split(/^### /m)
  .filter((section) => section.startsWith('Walk: '))
  .map((section) => ({
    title: section.split('\n', 1)[0] ?? '',
    files: [...section.matchAll(/^\d+\. `([^`]+)`/gm)].map(([, path]) => path ?? ''),
  }))

describe('ARCHITECTURE.md', () => {
  test('has the four walks', () => {
    expect(walks.map(({ title }) => title)).toEqual([
      'Walk: a document call through the proxy',
      'Walk: a request forwarded to an HTTP API',
      'Walk: an MCP call to an MCP server',
      'Walk: a click in the tray',
    ])
  })

  test.each(walks)('$title names files that follow from one another by their imports', ({ files }) => {
    expect(files.length).toBeGreaterThan(4)
    expect(files.filter((file) => !exists(file))).toEqual([])
    const loose = files.filter(
      (file, index) => index > 0 && !files.slice(0, index).some((earlier) => edges.has(`${earlier} ${file}`)),
    )
    expect(loose).toEqual([])
  })

  test('names only folders and files that exist', () => {
    const named = [...page.matchAll(/`src\/([^`*{}…]+)`/g)].map(([, path]) => path ?? '')
    expect(named.filter((path) => !exists(path))).toEqual([])
  })
})
