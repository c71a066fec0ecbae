import { describe, expect, test } from 'vitest'
import { ARCHITECTURE_PAGE, WALKS, type WalkStep } from './architecture-walks.ts'
import { allImports, exists } from './imports.ts'

const edges = new Set(allImports().flatMap(({ from, to, ours }) => (ours ? [`${from} ${to}`, `${to} ${from}`] : [])))

function isJoined({ file, through }: WalkStep, earlier: readonly WalkStep[]): boolean {
  return earlier.some((step) =>
    through === null
      ? edges.has(`${step.file} ${file}`)
      : edges.has(`${step.file} ${through}`) && edges.has(`${through} ${file}`),
  )
}

describe('ARCHITECTURE.md', () => {
  test('has four walkthroughs', () => {
    expect(WALKS.map(({ title }) => title)).toEqual([
      'Walk: a document call through the proxy',
      'Walk: a request forwarded to an HTTP API',
      'Walk: an MCP call to an MCP server',
      'Walk: a click in the tray',
    ])
  })

  test.each(WALKS)('$title names files that import one another in that order', ({ steps }) => {
    expect(steps.length).toBeGreaterThan(4)
    expect(steps.flatMap(({ file, through }) => [file, through ?? file]).filter((file) => !exists(file))).toEqual([])
    const loose = steps.filter((step, index) => index > 0 && !isJoined(step, steps.slice(0, index)))
    expect(loose).toEqual([])
  })

  test.each([
    ['Walk: a document call through the proxy', 8],
    ['Walk: an MCP call to an MCP server', 10],
  ])('%s passes through at most %d files', (title, most) => {
    expect(WALKS.find((walk) => walk.title === title)?.steps.length).toBeLessThanOrEqual(most)
  })

  test('names only existing folders and files', () => {
    const named = [...ARCHITECTURE_PAGE.matchAll(/`src\/([^`*{}…]+)`/g)].map(([, path]) => path ?? '')
    expect(named.filter((path) => !exists(path))).toEqual([])
  })
})
