import { afterAll, beforeAll, expect, it } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

let engine: TestEngine
beforeAll(async () => {
  engine = await startTestEngine()
})
afterAll(() => engine[Symbol.asyncDispose]())

it('rejects a view without a name, with too long a filter, one too many, and deleting an unknown one', async () => {
  const view = { name: 'x', project: null, filter: {} }
  await expect(engine.owner.views.save({ ...view, name: '  ' })).rejects.toThrow()
  await expect(engine.owner.views.save({ ...view, filter: { token: 'x'.repeat(300) } })).rejects.toThrow()
  await expect(engine.owner.views.delete({ name: 'none' })).rejects.toMatchObject({ data: { field: 'name' } })
  expect(await engine.owner.views.list()).toEqual([])
  for (let count = 0; count < 100; count += 1) await engine.owner.views.save({ ...view, name: `view ${count}` })
  await expect(engine.owner.views.save(view)).rejects.toMatchObject({
    data: { code: 'INVALID_REQUEST', field: 'name' },
  })
  await engine.owner.views.save({ ...view, name: 'view 7', filter: { status: '4xx' } })
  for (let count = 0; count < 100; count += 1) await engine.owner.views.delete({ name: `view ${count}` })
})

it('saves a view, replaces it by its name, lists by name, and logs who changed it', async () => {
  await engine.owner.views.save({ name: 'Refused today', project: null, filter: { status: '4xx', time: 'today' } })
  await engine.owner.views.save({ name: 'Errors', project: 'demo', filter: { status: '5xx' } })
  await engine.owner.views.save({ name: 'Refused today', project: null, filter: { status: '403', time: 'today' } })
  expect(await engine.owner.views.list()).toEqual([
    { name: 'Errors', project: 'demo', filter: { status: '5xx' } },
    { name: 'Refused today', project: null, filter: { status: '403', time: 'today' } },
  ])
  const [row] = await engine.owner.requests.list({ method: 'views.save', limit: 1 })
  expect(row).toMatchObject({ token_kind: 'owner', resource: 'Refused today', status: 200 })
  expect(row?.change).toEqual({ before: { 'filter.status': '4xx' }, after: { 'filter.status': '403' } })
  await engine.owner.views.delete({ name: 'Errors' })
  const [deleted] = await engine.owner.requests.list({ method: 'views.delete', limit: 1 })
  expect(deleted?.change).toEqual({ before: { project: 'demo', 'filter.status': '5xx' }, after: null })
})

it('logs what a preset was before and after it was saved and deleted', async () => {
  const newest = async (method: string) => (await engine.owner.requests.list({ method, limit: 1 }))[0]?.change
  const grants = [{ connection: 'sales', permissions: ['read' as const] }]
  const preset = { name: 'Reader', by_kind: { http: ['read' as const] }, grants, ttl: '30d', rate: null }
  await engine.owner.presets.save(preset)
  const first = { grants: ['read on sales'], 'by_kind.http': ['read'], ttl: '30d' }
  expect(await newest('presets.save')).toEqual({ before: null, after: first })
  await engine.owner.presets.save({ ...preset, rate: '5/s' })
  expect(await newest('presets.save')).toEqual({ before: { rate: null }, after: { rate: '5/s' } })
  await engine.owner.presets.delete({ name: 'Reader' })
  expect(await newest('presets.delete')).toEqual({ before: { ...first, rate: '5/s' }, after: null })
})

it('remembers sort and columns by table, leaves other parts alone, and rejects too many tables', async () => {
  const { preferences } = engine.owner
  await preferences.set({ sort: { tokens: { column: 'used', descending: true } } })
  await preferences.set({ sort: { connections: { column: 'name', descending: false } }, columns: { log: ['time'] } })
  const before = await preferences.get()
  expect(before).toMatchObject({
    first_run: 'open',
    sort: { tokens: { column: 'used', descending: true }, connections: { column: 'name', descending: false } },
    columns: { log: ['time'] },
  })
  const many = Object.fromEntries(
    Array.from({ length: 63 }, (_, index) => [`table ${index}`, { column: 'name', descending: false }]),
  )
  await expect(preferences.set({ sort: many })).rejects.toMatchObject({ data: { field: 'sort' } })
  await expect(preferences.set({ columns: { log: [] } })).rejects.toMatchObject({ data: { field: 'columns.log' } })
  expect(await preferences.get()).toEqual(before)
})
