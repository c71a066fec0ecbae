import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { drainEventLoop } from '../support/until.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

describe('a stream that the owner interrupts', () => {
  let engine: TestEngine

  beforeAll(async () => {
    engine = await startTestEngine()
  })
  afterAll(() => engine[Symbol.asyncDispose]())

  async function sessionOf(name: string): Promise<string> {
    const { secret } = await engine.owner.tokens.create({
      project: 'demo',
      name,
      kind: 'access',
      grants: [{ connection: 'sales', permissions: ['read', 'write'] }],
    })
    const { body } = await post(`${engine.url}/api/v1/sessions`, secret, {
      document: 'sales',
      permissions: ['read', 'write'],
    })
    return body.token as string
  }
  /** Starts an endless load, interrupts it once a batch is stored, and returns the last line of the response. */
  async function lastWords(
    token: string,
    cutOff: () => Promise<unknown>,
  ): Promise<{ code: string; details: { line: number; uncertain: boolean } }> {
    async function* lines(): AsyncGenerator<Uint8Array> {
      for (;;) {
        yield Buffer.from('{"Quantity":1}\n'.repeat(500))
        await drainEventLoop(5)
      }
    }
    const reply = await fetch(`${engine.url}/api/v1/proxy?method=add_records&table=Orders`, {
      method: 'POST',
      duplex: 'half',
      body: ReadableStream.from(lines()) as ReadableStream<Uint8Array>,
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-ndjson',
        accept: 'application/x-ndjson',
      },
    })
    await cutOff()
    return JSON.parse((await reply.text()).trim().split('\n').at(-1) ?? '') as {
      code: string
      details: { line: number; uncertain: boolean }
    }
  }

  test('a load whose token is revoked names the last stored line', async () => {
    const words = await lastWords(await sessionOf('revoked'), () =>
      engine.owner.tokens.revoke({ project: 'demo', name: 'revoked' }),
    )
    expect(words.code).toBe('TOKEN_EXPIRED')
    expect(words.details).toMatchObject({ line: expect.any(Number), uncertain: true })
    expect(words.details.line).toBeGreaterThan(0)
  })

  test('a load that the owner pauses names the last stored line', async () => {
    const words = await lastWords(await sessionOf('paused'), () => engine.owner.pause())
    await engine.owner.resume()
    expect(words.code).toBe('PAUSED')
    expect(words.details).toMatchObject({ line: expect.any(Number), uncertain: true })
    expect(words.details.line).toBeGreaterThan(0)
  })

  test('records stop flowing once the owner pauses all access', async () => {
    const token = await sessionOf('reader')
    const query =
      'with recursive r(n) as (select 1 union all select n + 1 from r) select n, hex(zeroblob(500)) pad from r limit 200000'
    const reply = await fetch(`${engine.url}/api/v1/proxy`, {
      method: 'POST',
      body: JSON.stringify({ method: 'sql_query', query }),
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', accept: 'application/x-ndjson' },
    })
    const reader = (reply.body as ReadableStream<Uint8Array>).getReader()
    await reader.read()
    await engine.owner.pause()
    const rest = async () => {
      while (!(await reader.read()).done);
    }
    await expect(rest()).rejects.toThrow(TypeError)
    await engine.owner.resume()
    const rows = await engine.owner.requests.list({ method: 'sql_query' })
    expect(rows[0]).toMatchObject({ status: 503, code: 'PAUSED' })
  })
})
