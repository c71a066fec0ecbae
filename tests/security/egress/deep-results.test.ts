import { expect, it } from 'vitest'
import { startHttpUpstream } from '../../http-apis/support/start-http-upstream.ts'
import { post, startTestEngine } from '../../support/start-test-engine.ts'

const DOC = 'sT4nd1nD0cum3ntsT4nd1n'

it.each([
  ['arrays', '['.repeat(500_000) + ']'.repeat(500_000)],
  ['objects', `${'{"a":'.repeat(500_000)}1${'}'.repeat(500_000)}`],
])(
  'a document with values of endlessly nested %s gets a whole response or a clear error, and keeps working',
  async (_, deep) => {
    await using upstream = await startHttpUpstream()
    const json =
      (text: string) =>
      (_request: unknown, response: { end(text: string): void; setHeader(n: string, v: string): void }) => {
        response.setHeader('content-type', 'application/json')
        response.end(text)
      }
    upstream.at.set(`/api/docs/${DOC}`, json('{"id":"x","name":"Doc"}') as never)
    upstream.at.set(`/api/docs/${DOC}/tables`, json('{"tables":[{"id":"T","fields":{"tableRef":1}}]}') as never)
    upstream.at.set(
      `/api/docs/${DOC}/tables/T/columns`,
      json('{"columns":[{"id":"A","fields":{"type":"Any"}}]}') as never,
    )
    upstream.at.set(`/api/docs/${DOC}/tables/T/records`, json(`{"records":[{"id":1,"fields":{"A":${deep}}}]}`) as never)
    upstream.at.set(`/api/docs/${DOC}/sql`, json(`{"records":[{"fields":{"A":${deep}}}]}`) as never)
    await using engine = await startTestEngine()
    await engine.owner.connections.create({
      name: 'grist',
      project: 'demo',
      config: { kind: 'grist', url: upstream.url, doc: DOC },
      secret: { value: 'a-key-of-grist' },
    })
    const { token } = await engine.owner.sessions.mint({ project: 'demo', document: 'grist', permissions: ['read'] })
    const ask = (body: object) => post(`${engine.url}/api/v1/proxy`, token, body)
    for (const body of [
      { method: 'get_records', table: 'T' },
      { method: 'sql_query', query: 'SELECT A FROM T' },
    ]) {
      const reply = await ask(body)
      expect([200, 502]).toContain(reply.status)
      if (reply.status === 502) {
        expect(reply.body).toMatchObject({ success: false, code: expect.stringMatching(/^(?:UPSTREAM|GRIST)_ERROR$/) })
        expect(reply.body['error']).not.toMatch(/RangeError|stack/)
      }
    }
    expect(await ask({ method: 'list_tables' })).toMatchObject({ status: 200, body: { data: { tables: ['T'] } } })
  },
)
