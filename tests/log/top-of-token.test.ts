import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

describe('the busiest names of one token', () => {
  let engine: TestEngine
  beforeAll(async () => {
    engine = await startTestEngine()
    for (const name of ['agent', 'other']) {
      const grants = [{ connection: 'sales', permissions: ['read' as const] }]
      const { secret } = await engine.owner.tokens.create({ project: 'demo', name, kind: 'access', grants })
      const { body } = await post(`${engine.url}/api/v1/sessions`, String(secret), {
        document: 'sales',
        permissions: ['read'],
      })
      const call = (fields: object) => post(`${engine.url}/api/v1/proxy`, String(body['token']), fields)
      const times = name === 'agent' ? 3 : 2
      for (let each = 0; each < times; each += 1) {
        await call({ method: 'get_records', table: 'Orders', limit: 1 })
        await call({ method: 'delete_records', table: 'Orders', record_ids: [1] })
      }
      await call({ method: 'create_table', table_id: 'Extra', columns: [] })
    }
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  const top = (by: 'cause' | 'method' | 'token', token?: string) =>
    engine.owner.requests.top({
      by,
      project: 'demo',
      since: '24h',
      limit: 10,
      ...(token === undefined ? {} : { token }),
    })

  it('count each cause of its denied requests, as many as the log has rows', async () => {
    const { rows, complete } = await top('cause', 'agent')
    expect(complete).toBe(true)
    expect(rows.map(({ sentence, refused }) => [sentence, refused])).toEqual([
      ['agent lacks write on sales, table Orders.', 3],
      ['agent lacks schema on sales, table Extra.', 1],
    ])
    for (const { name, requests } of rows) {
      const found = await engine.owner.requests.list({ token: 'agent', cause: name ?? '', limit: 100 })
      expect(found).toHaveLength(requests)
    }
  })

  it('count only its own requests, and agree with the counts of all tokens', async () => {
    const all = await top('token')
    for (const name of ['agent', 'other']) {
      const own = (await top('token', name)).rows
      expect(own.map((row) => row.name)).toEqual([name])
      expect(own[0]?.requests).toBe(all.rows.find((row) => row.name === name)?.requests)
      const methods = (await top('method', name)).rows
      expect(methods.reduce((sum, { requests }) => sum + requests, 0)).toBe(own[0]?.requests)
    }
  })
})
