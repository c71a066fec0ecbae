import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { RequestRecord } from '../../src/contract/records.ts'
import { connectionFields } from '../../src/engine/owner/changes/changed-fields.ts'
import type { Store } from '../../src/engine/store/store.ts'
import { changeBetween } from '../../src/engine/owner/changes/owner-change.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

describe('what an owner action changed', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
    await newToken('agent')
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  const newToken = (name: string) =>
    engine.owner.tokens.create({
      project: 'demo',
      name,
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read'] }],
    })
  async function newest(): Promise<RequestRecord> {
    const [row] = await engine.owner.requests.list({ owner_actions: 'only', limit: 1 })
    if (row === undefined) throw new Error('There is no row.')
    return row
  }
  const revisionOf = async (name: string) => (await engine.owner.tokens.get({ project: 'demo', name })).revision

  it('is logged with only the changed fields, before and after', async () => {
    await engine.owner.tokens.update({
      project: 'demo',
      name: 'agent',
      revision: await revisionOf('agent'),
      set: {
        grants: [{ connection: 'sales', permissions: ['read', 'write'], tables: ['Orders'] }],
        budget: { requests: 9 },
        description: 'Reports',
      },
    })
    expect((await newest()).change).toEqual({
      before: { description: null, grants: ['read on sales'], 'budget.requests': null },
      after: { description: 'Reports', grants: ['read, write on sales, tables Orders'], 'budget.requests': 9 },
    })
  })

  it('is null for a failed action and for one that changed nothing', async () => {
    const revision = await revisionOf('agent')
    await expect(
      engine.owner.tokens.update({ project: 'demo', name: 'agent', revision: revision - 1, set: { paused: true } }),
    ).rejects.toMatchObject({ data: { field: 'revision' } })
    expect(await newest()).toMatchObject({ status: 400, change: null })
    await engine.owner.tokens.update({ project: 'demo', name: 'agent', revision, set: { paused: false } })
    expect(await newest()).toMatchObject({ status: 200, change: null })
  })

  it('is recorded for revocations, connections, projects and settings too', async () => {
    await newToken('gone')
    await engine.owner.tokens.revoke({ project: 'demo', name: 'gone' })
    expect((await newest()).change).toMatchObject({ before: { revoked_at: null } })
    await engine.owner.tokens.delete({ project: 'demo', name: 'gone' })
    expect((await newest()).change).toMatchObject({ before: { name: 'gone' }, after: null })
    const { revision } = await engine.owner.connections.get({ name: 'sales' })
    await engine.owner.connections.update({ name: 'sales', revision, set: { description: 'Orders' } })
    expect((await newest()).change).toEqual({ before: { description: null }, after: { description: 'Orders' } })
    await engine.owner.projects.update({ name: 'demo', mode: 'search' })
    expect((await newest()).change).toEqual({ before: { mode: 'all' }, after: { mode: 'search' } })
    await engine.owner.settings.update({ default_rate: '99/s' })
    expect((await newest()).change).toMatchObject({ after: { default_rate: '99/s' } })
  })

  it('shows no secret of a token', async () => {
    const { secret } = await engine.owner.tokens.rotate({ project: 'demo', name: 'agent' })
    expect((await newest()).change?.after).toHaveProperty('prefix')
    expect(JSON.stringify(await engine.owner.requests.list({ owner_actions: 'only', limit: 500 }))).not.toContain(
      secret,
    )
  })

  it('is covered by the seals of the log', async () => {
    for await (const report of await engine.owner.requests.verify()) expect(report.problem).toBeNull()
  })

  it('TP9 includes the history of a token through renames and configuration files, from its creation on', async () => {
    await newToken('first')
    await engine.owner.tokens.delete({ project: 'demo', name: 'first' })
    await newToken('first')
    await newToken('other')
    await engine.owner.tokens.rename({ project: 'demo', name: 'first', new_name: 'second' })
    const tokens = { second: { budget: { bytes: 5 } } }
    await engine.owner.configuration.apply({ configuration: { version: 1, projects: { demo: { tokens } } } })
    const { rows, complete } = await engine.owner.tokens.history({ project: 'demo', name: 'second' })
    expect(complete).toBe(true)
    expect(rows.map(({ method, change }) => [method, change?.after])).toEqual([
      ['configuration.apply', { 'budget.bytes': 5 }],
      ['tokens.rename', { name: 'second' }],
      ['tokens.create', expect.objectContaining({ name: 'first', grants: ['read on sales'] })],
    ])
    expect((await engine.owner.tokens.history({ project: 'demo', name: 'other' })).rows).toHaveLength(1)
    const limited = await engine.owner.tokens.history({ project: 'demo', name: 'second', limit: 1 })
    expect([limited.rows.length, limited.complete]).toEqual([1, false])
  })

  it('leaves out, in the history of a token, a token whose name begins with the same name and a dot', async () => {
    await newToken('ci')
    await newToken('ci.deploy')
    const tokens = { 'ci.deploy': { rate: '7/s' } }
    await engine.owner.configuration.apply({ configuration: { version: 1, projects: { demo: { tokens } } } })
    expect((await engine.owner.tokens.history({ project: 'demo', name: 'ci' })).rows).toHaveLength(1)
    const [newestRow] = (await engine.owner.tokens.history({ project: 'demo', name: 'ci.deploy' })).rows
    expect(newestRow?.change?.after).toEqual({ rate: '7/s' })
  })

  it('begins the history of a token at its creation by a configuration file', async () => {
    const tokens = { again: { rate: '7/s', grants: [] } }
    await newToken('again')
    await engine.owner.tokens.delete({ project: 'demo', name: 'again' })
    await engine.owner.configuration.apply({ configuration: { version: 1, projects: { demo: { tokens } } } })
    const { rows, complete } = await engine.owner.tokens.history({ project: 'demo', name: 'again' })
    expect([rows.length, complete, rows[0]?.change?.before]).toEqual([1, true, null])
  })
})

describe('changed fields', () => {
  it('hide variables typed as plain text and arguments, which can be secret, and show references', () => {
    const config = {
      kind: 'mcp',
      command: 'server',
      args: ['server-postgres', 'postgresql://app:planted-password@db/x', '-p', 'planted-argument'],
      env: { A: 'plain:planted-value', B: 'env:HERE' },
    }
    const row = { id: 1, name: 'tools', kind: 'mcp', description: '', secret_set_at: null, config }
    const read = { connection: () => row, projectsOf: () => [] } as unknown as Store['read']
    const change = changeBetween(null, connectionFields({ store: { read } as Store }, 'tools'))
    expect(change?.after).toMatchObject({
      'config.args': '(hidden)',
      'config.env.A': '(hidden)',
      'config.env.B': 'env:HERE',
    })
    expect(JSON.stringify(change)).not.toContain('planted')
  })

  it('stay small: long lists show the differing entries, long texts the beginning', () => {
    const grants = Array.from({ length: 1000 }, (_, index) => `read on connection-${index}`)
    const change = changeBetween(
      { grants, text: 'x'.repeat(100_000) },
      { grants: grants.slice(1), text: 'y'.repeat(100_000) },
    )
    expect(change?.before?.['grants']).toEqual(['read on connection-0', 'and 999 more'])
    expect(change?.after?.['grants']).toEqual(['and 999 more'])
    expect(JSON.stringify(change).length).toBeLessThan(2000)
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`field-${index}`, 'z'.repeat(500)]))
    expect(JSON.stringify(changeBetween(null, many)).length).toBeLessThan(20_000)
    const named = Object.fromEntries(Array.from({ length: 1000 }, (_, index) => [`${'n'.repeat(150)}${index}`, null]))
    const others = Object.fromEntries(Object.keys(named).map((name) => [name, true]))
    expect(JSON.stringify(changeBetween(named, others)).length).toBeLessThan(20_000)
  })

  it('compare hidden values without showing them', () => {
    expect(changeBetween({ key: { hidden: 'a' } }, { key: { hidden: 'b' } })).toEqual({
      before: { key: '(hidden)' },
      after: { key: '(hidden)' },
    })
    expect(changeBetween({ key: { hidden: 'a' } }, { key: { hidden: 'a' } })).toBeNull()
  })
})
