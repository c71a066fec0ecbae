import { afterEach, describe, expect, test } from 'vitest'
import { HallpassError } from '../../src/contract/errors.ts'
import { scriptedConnector, startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

const ADD = { method: 'add_records', table: 'Orders', records: [{ Name: 'a' }] }

describe('Idempotency-Key', () => {
  let rig: HttpRig
  let release = (): void => {}
  afterEach(() => rig[Symbol.asyncDispose]())

  /** A document that counts what was stored. `fail` is what the next write throws. */
  async function startCounting(): Promise<{ stored: number; fail: HallpassError | null; hold: boolean }> {
    const state = { stored: 0, fail: null as HallpassError | null, hold: false }
    const plain = scriptedConnector()
    rig = await startHttpRig({
      connector: scriptedConnector({
        async call(method, fields, context) {
          if (state.hold) await new Promise<void>((resolve) => (release = resolve))
          const { fail } = state
          state.fail = null
          if (fail !== null) throw fail
          if (method === 'add_records') state.stored += 1
          return (
            method === 'add_records' ? { record_ids: [state.stored] } : await plain.call(method, fields, context)
          ) as never
        },
        async *writeStream(target, body, context) {
          for await (const progress of plain.writeStream(target, body, context)) {
            state.stored += 1
            yield progress
          }
        },
      }),
    })
    return state
  }

  async function send(
    body: unknown,
    key?: string,
    { token = rig.sessionToken, query = '', signal }: { token?: string; query?: string; signal?: AbortSignal } = {},
  ) {
    const isLoad = typeof body === 'string'
    const reply = await fetch(`${rig.url}/api/v1/proxy${query}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': isLoad ? 'application/x-ndjson' : 'application/json',
        ...(key === undefined ? {} : { 'idempotency-key': key }),
      },
      body: isLoad ? body : JSON.stringify(body),
      ...(signal === undefined ? {} : { signal }),
    })
    return {
      status: reply.status,
      replayed: reply.headers.get('idempotency-replayed') === 'true',
      body: (await reply.json()) as Record<string, any>,
    }
  }

  test.each(['', 'a b', 'a/b', 'x'.repeat(129)])('rejects the key %j', async (key) => {
    const document = await startCounting()
    const reply = await send(ADD, key)
    expect(reply).toMatchObject({ status: 400, body: { code: 'INVALID_REQUEST', field: 'Idempotency-Key' } })
    expect(document.stored).toBe(0)
  })

  test('ties a key to one request, one method and one token', async () => {
    const document = await startCounting()
    await send(ADD, 'k')
    expect(await send({ ...ADD, records: [{ Name: 'b' }] }, 'k')).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', field: 'Idempotency-Key' },
    })
    expect(document.stored).toBe(1)
    const other = rig.mint(['write'], await rig.token('other')).token
    expect((await send(ADD, 'k', { token: other })).body['data']).toEqual({ record_ids: [2] })
    // Reads may use keys without an effect.
    const read = { method: 'list_tables' }
    expect((await send(read, 'k')).replayed).toBe(false)
    expect((await send(read, 'k')).replayed).toBe(false)
  })

  test('answers a repeated write as before, also with the next session token, and logs each', async () => {
    const document = await startCounting()
    const first = await send(ADD, 'k')
    const second = await send(ADD, 'k', { token: rig.mint(['write']).token })
    expect(first).toMatchObject({ status: 200, replayed: false, body: { data: { record_ids: [1] } } })
    expect(second).toEqual({ ...first, replayed: true })
    expect(document.stored).toBe(1)
    expect(rig.rows.filter(({ method }) => method === 'add_records')).toHaveLength(2)
  })

  test('requires the write permission for a replay', async () => {
    await startCounting()
    await send(ADD, 'k')
    expect(await send(ADD, 'k', { token: rig.mint(['read']).token })).toMatchObject({ status: 403 })
  })

  test('gives a request that arrives while the first one runs the same response', async () => {
    const document = await startCounting()
    document.hold = true
    const first = send(ADD, 'k')
    await expect.poll(() => rig.rows.length).toBe(1)
    const second = send(ADD, 'k')
    await expect.poll(() => rig.rows.length).toBe(2)
    release()
    expect((await first).body).toEqual((await second).body)
    expect(document.stored).toBe(1)
  })

  test('gives a client that lost its connection the response by its key', async () => {
    const document = await startCounting()
    document.hold = true
    const leaving = new AbortController()
    const lost = send(ADD, 'k', { signal: leaving.signal })
    await expect.poll(() => rig.rows.length).toBe(1)
    leaving.abort()
    await expect(lost).rejects.toThrow()
    const again = send(ADD, 'k')
    await expect.poll(() => rig.rows.length).toBe(2)
    release()
    expect(await again).toMatchObject({ status: 200, replayed: true, body: { data: { record_ids: [1] } } })
    expect(document.stored).toBe(1)
  })

  test('allows a key again after a failure that changed nothing', async () => {
    const document = await startCounting()
    document.fail = new HallpassError('DOCUMENT_BUSY', 'Busy.')
    expect((await send(ADD, 'k')).status).toBe(503)
    expect(await send(ADD, 'k')).toMatchObject({ status: 200, replayed: false })
    expect(document.stored).toBe(1)
  })

  test.each([
    new HallpassError('UPSTREAM_TIMEOUT', 'Too late.'),
    new HallpassError('GRIST_ERROR', 'Lost.', { details: { sent: 'unknown' } }),
  ])('does not repeat a write whose outcome is unknown', async (fail) => {
    const document = await startCounting()
    document.fail = fail
    await send(ADD, 'k')
    expect(await send(ADD, 'k')).toMatchObject({
      status: 504,
      body: { code: 'UPSTREAM_TIMEOUT', details: { sent: 'unknown' } },
    })
    expect(document.stored).toBe(0)
  })

  test('fails a write that failed half-way in the same way again', async () => {
    const document = await startCounting()
    document.fail = new HallpassError('GRIST_ERROR', 'Half.', { details: { remaining: 3 } })
    const first = await send(ADD, 'k')
    const second = await send(ADD, 'k')
    expect(second.replayed).toBe(true)
    expect(second.body['details']).toEqual(first.body['details'])
    expect(document.stored).toBe(0)
  })

  test('stores a load once, and rejects another body', async () => {
    const document = await startCounting()
    const query = '?method=add_records&table=Orders'
    const first = await send('{"Name":"a"}\n{"Name":"b"}\n', 'k', { query })
    const again = await send('{"Name":"a"}\n{"Name":"b"}\n', 'k', { query })
    expect(first).toMatchObject({ status: 200, replayed: false, body: { data: { added: 2 } } })
    expect(again).toEqual({ ...first, replayed: true })
    expect(document.stored).toBe(1)
    expect(await send('{"Name":"c"}\n', 'k', { query })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_REQUEST', field: 'Idempotency-Key' },
    })
  })

  test('forgets a key after 15 minutes', async () => {
    const document = await startCounting()
    await send(ADD, 'k')
    rig.clock.advance(15 * 60_000)
    expect(await send(ADD, 'k', { token: rig.mint(['write']).token })).toMatchObject({ replayed: false })
    expect(document.stored).toBe(2)
  })
})
