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
})
