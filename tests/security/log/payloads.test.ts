import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import SqliteDatabase from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Payload } from '../../../src/contract/request-details.ts'
import { secretForms } from '../../../src/engine/egress/secret-forms.ts'
import { fixture } from '../../mcp-upstreams/support/mcp-room.ts'
import { createForwardClock } from '../../support/test-clock.ts'
import { startTestEngine, type TestEngine } from '../../support/start-test-engine.ts'
import { until } from '../../support/until.ts'

const SECRET = 'canary-K3y/4+"upstream"<&=='
const OTHER_SECRET = 'canary of another connection'
const DAY = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'hallpass-payloads-'))
const clock = createForwardClock()
const echo = createServer((request, response) => {
  const pieces: Buffer[] = []
  request.on('data', (piece: Buffer) => pieces.push(piece))
  request.on('end', () => {
    response.setHeader('x-api-key', SECRET)
    response.setHeader('content-type', request.headers['content-type'] ?? 'text/plain')
    response.end(Buffer.concat([Buffer.from(`${request.url}\n`), ...pieces]))
  })
})
let engine: TestEngine
const mint = async (document: string) =>
  (await engine.owner.sessions.mint({ project: 'finance', document, permissions: ['read', 'write'] })).token
let access: string
let sessions: Record<'api' | 'doc', string>
let mcp: Client

beforeAll(async () => {
  echo.listen(0, '127.0.0.1')
  await once(echo, 'listening')
  engine = await startTestEngine({ sample: false, clock })
  const { owner } = engine
  const file = join(folder, 'doc.sqlite')
  const document = new SqliteDatabase(file)
  document.exec('CREATE TABLE Notes (id INTEGER PRIMARY KEY, text TEXT)')
  document.close()
  for (const name of ['finance', 'other']) await owner.projects.create({ name })
  const url = `http://127.0.0.1:${(echo.address() as AddressInfo).port}`
  const http = { kind: 'http' as const, url, auth: { type: 'bearer' as const }, pinned: true, plain_http: true }
  await owner.connections.create({ name: 'api', project: 'finance', secret: { value: SECRET }, config: http })
  await owner.connections.create({ name: 'second', project: 'finance', secret: { value: OTHER_SECRET }, config: http })
  await owner.connections.create({ name: 'doc', project: 'finance', config: { kind: 'sqlite', path: file } })
  await owner.connections.create({ name: 'tools', project: 'finance', config: fixture() })
  for (const connection of ['api', 'doc']) await owner.connections.include({ project: 'other', name: connection })
  const grants = ['api', 'tools'].map((connection) => ({
    connection,
    permissions: ['read' as const, 'write' as const],
  }))
  access = (await owner.tokens.create({ project: 'finance', name: 'agent', kind: 'access', grants })).secret ?? ''
  sessions = { api: await mint('api'), doc: await mint('doc') }
  mcp = new Client({ name: 'test', version: '1' })
  await mcp.connect(
    new StreamableHTTPClientTransport(new URL(`${engine.url}/projects/finance/mcp`), {
      requestInit: { headers: { authorization: `Bearer ${access}` } },
    }),
  )
})

afterAll(async () => {
  await mcp.close()
  await engine[Symbol.asyncDispose]()
  echo.close()
  rmSync(folder, { recursive: true, force: true })
})

const api = (path: string, init: RequestInit = {}) =>
  fetch(`${engine.url}/api/v1/http/api${path}`, {
    ...init,
    headers: { authorization: `Bearer ${sessions.api}`, ...(init.headers as Record<string, string>) },
  })
const document = (body: object) =>
  fetch(`${engine.url}/api/v1/proxy`, {
    method: 'POST',
    headers: { authorization: `Bearer ${sessions.doc}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

/** The payload of the newest request with this method, once it is stored. */
async function payloadOf(method: string): Promise<Payload> {
  let found: Payload | null = null
  await until(`the payload of ${method}`, async () => {
    const [row] = await engine.owner.requests.list({ method, limit: 1 })
    if (row?.has_payload !== true) return false
    found = await engine.owner.requests.payload({ id: row.id })
    return true
  })
  return found ?? expect.fail('The payload is missing.')
}

const record = (payloads: 'on' | 'off', payload_days?: number) =>
  engine.owner.projects.update({ name: 'finance', payloads, ...(payload_days === undefined ? {} : { payload_days }) })

const wide = (text: string) => Buffer.from(text, 'utf16le').toString('latin1')

/** How a program may write a token or key that it was given. */
function written(secret: string): string[] {
  const base64 = ['', 'x', 'xx', 'user:'].map((before) => Buffer.from(before + secret).toString('base64'))
  const percent = Buffer.from(secret).toString('hex').replaceAll(/../g, '%$&')
  return [secret, ...secretForms([secret]), ...base64, percent, percent.replaceAll('%', '%25'), wide(secret)]
}

function expectNone(payload: Payload, secrets: readonly string[]): void {
  const parts = [payload.request.head, payload.request.body, payload.response.head, payload.response.body].join('\n')
  for (const secret of secrets)
    for (const form of [...secretForms([secret]), wide(secret)])
      expect(parts.includes(form), `${form} in ${parts.slice(0, 2000)}`).toBe(false)
}

describe('payloads', () => {
  it('aren’t recorded until the owner turns that on, and then for that project alone', async () => {
    await document({ method: 'list_tables' })
    await record('on', 2)
    await document({ method: 'describe_table', table: 'Notes' })
    expect(await payloadOf('describe_table')).toMatchObject({
      request: { body: '{"method":"describe_table","table":"Notes"}', cut: false, binary: false },
      response: { body: expect.stringContaining('"text"') as string },
    })
    const [row] = await engine.owner.requests.list({ method: 'list_tables', limit: 1 })
    expect(row?.has_payload).toBe(false)
    expect(await engine.owner.requests.payload({ id: row?.id ?? 0 })).toBeNull()
    expect(await engine.owner.projects.get({ name: 'other' })).toMatchObject({ payloads: 'off', payloads_until: null })
  })

  it('LG8 contain no planted secret: in path, query, headers and bodies of HTTP requests, in any encoding', async () => {
    await record('on')
    const planted = [SECRET, OTHER_SECRET, access, sessions.api, sessions.doc]
    const forms = planted.flatMap(written)
    const query = planted.map((secret, index) => `q${index}=${encodeURIComponent(secret)}`).join('&')
    const headers: Record<string, string> = { 'x-note': planted.join(' '), 'x-api-key': 'unknown key of the caller' }
    await api(`/items/${access}?${query}`, { method: 'POST', headers, body: forms.join('\n') })
    const payload = await payloadOf('POST')
    expect(payload.request.head).toMatch(/^POST \/items\/\*+\?q0=/)
    expect(payload.request.head).toMatch(/x-api-key: \*{8}/)
    expect(payload.response).toMatchObject({ head: expect.stringMatching(/^HTTP 200\n/) as string })
    expect(payload.request.body).toMatch(/\*{20,}/)
    expectNone(payload, planted)
  })

  it('LG8 contain no planted secret: in fields and records of documents', async () => {
    const planted = [SECRET, OTHER_SECRET, access, sessions.api, sessions.doc]
    // A text with a zero byte, as UTF-16 is in UTF-8, can't be stored.
    const forms = planted.flatMap(written).filter((text) => !text.includes('\0'))
    const records = forms.map((text) => ({ text }))
    expect(await (await document({ method: 'add_records', table: 'Notes', records })).json()).toMatchObject({
      success: true,
    })
    expectNone(await payloadOf('add_records'), planted)
    await document({ method: 'get_records', table: 'Notes' })
    const read = await payloadOf('get_records')
    expect(read.response.body).toContain('"text":"****')
    expectNone(read, planted)
  })

  it('LG8 contain no planted secret: in MCP calls, and in the token that one returns', async () => {
    const planted = [SECRET, OTHER_SECRET, access, sessions.api]
    const text = planted.flatMap(written).join('\n')
    expect(await mcp.callTool({ name: 'tools__echo', arguments: { text } })).not.toMatchObject({ isError: true })
    const called = await payloadOf('tools__echo')
    expect(called.request.body).toContain('tools/call')
    expectNone(called, planted)
    const minted = await mcp.callTool({
      name: 'request_session_token',
      arguments: { connection: 'api', permissions: ['read'] },
    })
    const { token } = minted.structuredContent as { token: string }
    expect(token).toMatch(/^sess_/)
    expectNone(await payloadOf('request_session_token'), [token])
  })

  it('LG8 contain no part of a secret at the place where they are cut', async () => {
    for (const secret of [SECRET, access]) {
      await api('/cut', { method: 'PUT', body: `${'a'.repeat(64 * 1024 - 8)}${secret}${'b'.repeat(100)}` })
      const { request, response } = await payloadOf('PUT')
      expect(request).toMatchObject({ cut: true, bytes: 64 * 1024 + 92 + secret.length })
      expect(request.body).toHaveLength(64 * 1024)
      expect(request.body.slice(-8)).toBe('********')
      expect(response.body).not.toContain(secret.slice(0, 7))
    }
  })

  it('contain no compressed or other binary body', async () => {
    await api('/binary', { method: 'PATCH', body: Buffer.from([0x1f, 0x8b, 0xff, 0xfe]) })
    expect((await payloadOf('PATCH')).request).toMatchObject({ body: '', binary: true, bytes: 4 })
  })

  it('are in no export and no backup', async () => {
    let text = ''
    for (const format of ['jsonl', 'csv'] as const)
      for await (const piece of await engine.owner.requests.export({ format })) text += piece.text
    expect(text).toContain('describe_table')
    expect(text).not.toContain('CREATE')
    expect(text).not.toContain('{\\"method')
    const path = join(engine.home, 'copy.backup')
    await engine.owner.backUp({ path })
    expect(readFileSync(path).includes(Buffer.from('"method\\":\\"describe_table'))).toBe(false)
    expect(readFileSync(path).includes(Buffer.from('describe_table'))).toBe(true)
  })

  it('can be read until the period ends, and are deleted then', async () => {
    await record('on', 1)
    const [row] = await engine.owner.requests.list({ method: 'describe_table', limit: 1 })
    const id = row?.id ?? 0
    clock.forward(DAY - 1000)
    expect(await engine.owner.requests.payload({ id })).not.toBeNull()
    clock.forward(1000)
    expect(await engine.owner.requests.payload({ id })).toBeNull()
    expect(await engine.owner.projects.get({ name: 'finance' })).toMatchObject({ payloads: 'off' })
    // A new period doesn't bring back what the last one recorded.
    await record('on')
    expect(await engine.owner.requests.payload({ id })).toBeNull()
    await until('the payload is deleted', async () => (await engine.owner.requests.get({ id })).has_payload === false)
  })

  it('are deleted immediately when the owner turns recording off', async () => {
    sessions.doc = await mint('doc')
    await document({ method: 'describe_table', table: 'Notes' })
    await payloadOf('describe_table')
    const [row] = await engine.owner.requests.list({ method: 'describe_table', limit: 1 })
    await record('off')
    expect(await engine.owner.requests.payload({ id: row?.id ?? 0 })).toBeNull()
  })

  it('have their period in an exported configuration, which extends none when it is applied', async () => {
    const { owner } = engine
    await owner.projects.update({ name: 'finance', description: 'Invoices', pinned: true })
    const { payloads_until: until } = await record('on', 5)
    const { configuration } = await owner.configuration.export({})
    const finance = configuration.projects?.['finance']
    expect(finance).toMatchObject({ description: 'Invoices', pinned: true, payloads_until: until })
    expect((await owner.configuration.apply({ configuration })).changes).toEqual([])
    const apply = (change: object) =>
      owner.configuration.apply({ configuration: { version: 1, projects: { finance: { ...finance, ...change } } } })
    await expect(apply({ payloads_until: new Date(clock.now() + 31 * DAY).toISOString() })).rejects.toMatchObject({
      data: { field: 'configuration.projects.finance.payloads_until' },
    })
    await apply({ payloads_until: null, pinned: false })
    expect(await owner.projects.get({ name: 'finance' })).toMatchObject({
      description: 'Invoices',
      pinned: false,
      payloads: 'off',
    })
  })

  it('are turned on for 1 to 30 days', async () => {
    for (const days of [0, 31, 1.5])
      await expect(record('on', days)).rejects.toMatchObject({ data: { field: 'payload_days' } })
    await expect(engine.owner.projects.update({ name: 'finance', payload_days: 3 })).rejects.toMatchObject({
      data: { field: 'payload_days' },
    })
    await expect(record('on', 30)).resolves.toMatchObject({ payloads: 'on' })
  })
})
