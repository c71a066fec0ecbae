import { expect, it } from 'vitest'
import type { Found } from '../../src/contract/owner-api/search-api.ts'
import { startTestEngine } from '../support/start-test-engine.ts'

const named = (found: Found[], kind: Found['kind']): string[] =>
  found.find((group) => group.kind === kind)?.items.map(({ name }) => name) ?? []

it('rejects an empty search', async () => {
  await using engine = await startTestEngine()
  await expect(engine.owner.search({ text: '' })).rejects.toMatchObject({
    data: { code: 'INVALID_REQUEST', field: 'text' },
  })
})

it('finds projects, tokens, session tokens, connections, views and requests by name, the closest first', async () => {
  await using engine = await startTestEngine()
  const { owner } = engine
  for (const name of ['nightly-export', 'export', 'my-export-job', 'other'])
    await owner.tokens.create({ project: 'demo', name, kind: 'local' })
  await owner.projects.create({ name: 'export-team' })
  await owner.views.save({ name: 'Exports today', project: null, filter: { time: 'today' } })
  const { session } = await owner.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
  const found = await owner.search({ text: 'EXPORT' })
  expect(found.map(({ kind }) => kind)).toEqual(['project', 'token', 'view'])
  expect(named(found, 'token')).toEqual(['export', 'my-export-job', 'nightly-export'])
  expect(named(found, 'view')).toEqual(['Exports today'])
  expect(named(await owner.search({ text: 'demo nightly' }), 'token')).toEqual(['nightly-export'])
  expect(named(await owner.search({ text: session.id }), 'session')).toEqual([session.id])
  expect(named(await owner.search({ text: 'sal' }), 'connection')).toEqual(['sales'])
  const [row] = await owner.requests.list({ limit: 1 })
  expect(named(await owner.search({ text: row?.request_id ?? '' }), 'request')).toEqual([String(row?.id)])
  expect(named(await owner.search({ text: String(row?.id) }), 'request')).toContain(String(row?.id))
  expect(await owner.search({ text: 'nothing of this name' })).toEqual([])
})

it('lists as many of a kind as requested, and counts all', async () => {
  await using engine = await startTestEngine()
  for (let index = 0; index < 12; index += 1)
    await engine.owner.tokens.create({ project: 'demo', name: `agent-${index}`, kind: 'local' })
  const [tokens] = await engine.owner.search({ text: 'agent-' })
  expect(tokens).toMatchObject({ kind: 'token', total: 12 })
  expect(tokens?.items).toHaveLength(8)
  expect((await engine.owner.search({ text: 'agent-', limit: 100 }))[0]?.items).toHaveLength(12)
  await engine.owner.tokens.revoke({ project: 'demo', name: 'agent-3' })
  expect((await engine.owner.search({ text: 'agent-3' }))[0]?.items).toMatchObject([
    { name: 'agent-3', state: 'revoked' },
  ])
})
