import { afterEach, describe, expect, test } from 'vitest'
import { startHttpRig, type HttpRig } from '../http/support/start-http-rig.ts'

describe('a body that would be slow to walk', () => {
  let rig: HttpRig
  afterEach(() => rig[Symbol.asyncDispose]())

  async function send(path: string, token: string, body: string): Promise<[number, string]> {
    const reply = await fetch(`${rig.url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body,
    })
    return [reply.status, ((await reply.json()) as { code: string }).code]
  }
  const fields = (count: number) => Array.from({ length: count }, (_, n) => `"k${n}":0`).join(',')

  test('with a million unknown fields is rejected before it is parsed', async () => {
    rig = await startHttpRig()
    const body = `{"method":"list_tables",${fields(1_000_000)}}`
    expect(await send('/api/v1/proxy', rig.sessionToken, body)).toEqual([400, 'INVALID_REQUEST'])
  })

  test('with a very long field name is rejected', async () => {
    rig = await startHttpRig()
    const body = `{"method":"list_tables","${'x'.repeat(600)}":1}`
    expect(await send('/api/v1/proxy', rig.sessionToken, body)).toEqual([400, 'INVALID_REQUEST'])
  })

  test('is limited to 1 MiB where no bulk is expected, and to 4 MiB over MCP', async () => {
    rig = await startHttpRig()
    const padded = (bytes: number) => `{"document":"sales","permissions":["read"],"pad":"${'x'.repeat(bytes)}"}`
    expect(await send('/api/v1/sessions', rig.accessToken, padded(1024 * 1024))).toEqual([413, 'PAYLOAD_TOO_LARGE'])
    expect(await send('/projects/demo/mcp', rig.accessToken, padded(4 * 1024 * 1024))).toEqual([
      413,
      'PAYLOAD_TOO_LARGE',
    ])
  })

  test('over MCP has a limited number of fields', async () => {
    rig = await startHttpRig()
    const body = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${fields(50_000)}}}`
    expect(await send('/projects/demo/mcp', rig.accessToken, body)).toEqual([400, 'INVALID_REQUEST'])
  })

  test('of many records is accepted where bulk is expected', async () => {
    rig = await startHttpRig()
    const records = Array.from({ length: 20_000 }, (_, n) => ({ Name: `record ${n}`, Amount: n }))
    const body = JSON.stringify({ method: 'add_records', table: 'Orders', records })
    const reply = await fetch(`${rig.url}/api/v1/proxy`, {
      method: 'POST',
      headers: { authorization: `Bearer ${rig.sessionToken}`, 'content-type': 'application/json' },
      body,
    })
    expect(reply.status).toBe(200)
  })
})
