import { expect, test } from 'vitest'
import { createToolFinder, type FindRequest } from '../../../src/engine/bridge/tools/search/tool-finder.ts'
import { SAMPLE_CATALOG, SAMPLE_QUERIES } from './sample-catalog.ts'

const finder = createToolFinder({ monotonic: () => performance.now() })
const find = (query: string, options: Partial<FindRequest> = {}) =>
  finder.find({ lists: SAMPLE_CATALOG, isListed: () => true, query, limit: 10, ...options })
const names = async (query: string, options: Partial<FindRequest> = {}) =>
  (await find(query, options)).tools.map(({ name }) => name)

test('never finds a tool that is not listed, even by its exact name', async () => {
  const isListed = (name: string): boolean => name !== 'shop__deleteOrder'
  for (const query of ['shop__deleteOrder', 'deleteOrder', 'delete an order', ''])
    expect(await names(query, { isListed, limit: 50 })).not.toContain('shop__deleteOrder')
})

test('finds the intended tool: first for 3 of 4 queries or more, among the first five for 24 of 25', async () => {
  const ranks = await Promise.all(
    SAMPLE_QUERIES.map(async ([query, wanted]) => ({
      query,
      rank: (await names(query, { limit: 50 })).indexOf(wanted),
    })),
  )
  const within = (limit: number): number => ranks.filter(({ rank }) => rank >= 0 && rank < limit).length / ranks.length
  const missed = ranks.filter(({ rank }) => rank !== 0)
  expect(within(1), JSON.stringify(missed)).toBeGreaterThanOrEqual(0.75)
  expect(within(5), JSON.stringify(missed)).toBeGreaterThanOrEqual(0.96)
})

test('returns the same results for a query, whatever the order of the connections', async () => {
  for (const [query] of SAMPLE_QUERIES)
    expect(await names(query, { lists: SAMPLE_CATALOG.toReversed() })).toEqual(await names(query))
})

test('puts exact names first, in the order of the query', async () => {
  expect((await names('files__move_file, shop__getOrder')).slice(0, 2)).toEqual(['files__move_file', 'shop__getOrder'])
  expect((await names('searchProducts'))[0]).toBe('shop__searchProducts')
})

test('puts no deletion first for a query that does not ask for one', async () => {
  for (const query of ['order', 'customer', 'branch']) expect((await names(query))[0]).not.toMatch(/delete/)
})

test('puts a deprecated tool after its replacement', async () => {
  const found = await names('list orders')
  expect(found.indexOf('shop__listOrders')).toBeLessThan(found.indexOf('shop__listOrdersLegacy'))
})

test('returns all tools by name for an empty query, and counts those beyond the limit', async () => {
  const { tools, total } = await find(' ', { limit: 3 })
  expect(tools.map(({ name }) => name)).toEqual(['files__create_directory', 'files__edit_file', 'files__get_file_info'])
  expect(total).toBe(SAMPLE_CATALOG.flat().length)
})

test('filters by connection and permission', async () => {
  const found = await find('order', { connection: 'shop', permission: 'write', limit: 50 })
  expect(found.total).toBeGreaterThan(2)
  for (const { name, permission } of found.tools) {
    expect(name).toMatch(/^shop__/)
    expect(permission).toBe('write')
  }
  expect(await names('order', { connection: 'tracker', permission: 'write' })).not.toContain('shop__createOrder')
})

test('describes each hit by a signature and one sentence of at most 100 characters', async () => {
  const [found] = (await find('files__read_text_file')).tools
  expect(found).toEqual({
    name: 'files__read_text_file',
    signature: 'files__read_text_file(path: string, head?: string, tail?: string)',
    description: 'Read the complete contents of a file as text.',
    permission: 'read',
  })
})

test('finds nothing for words that no tool contains', async () => {
  expect(await find('xylophone')).toEqual({ tools: [], total: 0 })
})

test('indexes a long list in slices, so that other work can run in between', async () => {
  let now = 0
  let turns = 0
  const slow = createToolFinder({ monotonic: () => (now += 20) })
  const list = SAMPLE_CATALOG[0] ?? []
  const isDone = { value: false }
  const count = (): void => {
    turns += 1
    if (!isDone.value) setImmediate(count)
  }
  setImmediate(count)
  await slow.find({ lists: [list], isListed: () => true, query: 'order', limit: 1 })
  isDone.value = true
  expect(turns).toBeGreaterThan(10)
})
