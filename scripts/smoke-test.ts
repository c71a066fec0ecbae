import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Tries an installed Hallpass from outside, with a data folder of its own: `node scripts/smoke-test.ts PROGRAM [ARG…]`. Serves,
 * creates a project, a document, an MCP server and a token, calls it over MCP and with a session token, revokes it, restarts,
 * and checks that the state was kept. Prints a line per step; exits with 1 at the first that fails. SMOKE_FOLDER names an empty
 * folder to work in, where the program sees another file system than this script.
 */
const [program, ...firstArgs] = process.argv.slice(2)
if (program === undefined) throw new Error('Name the program to try: node scripts/smoke-test.ts bin/hallpass')

const folder = process.env['SMOKE_FOLDER'] ?? (await mkdtemp(join(tmpdir(), 'hallpass-smoke-')))
const home = join(folder, 'data')
const port = await freePort()
const url = `http://127.0.0.1:${port}`
const environment = {
  ...process.env,
  HALLPASS_HOME: home,
  HALLPASS_PORT: String(port),
  HALLPASS_VAULT_KEY: 'only for the smoke test, 0123456789',
}
let engine: ChildProcess | null = null
let upstream: ChildProcess | null = null

try {
  engine = await serve()
  const version = await hallpass('--version')
  check('prints its version', /^\d+\.\d+\.\d+/.test(version.out.trim()), version)
  await done('creates a project', 'create', 'project', 'smoke')
  const file = join(folder, 'smoke.sqlite')
  await done(
    'creates a document',
    'create',
    'connection',
    'notes',
    '-p',
    'smoke',
    '--type',
    'sqlite',
    '--path',
    file,
    '--create',
  )
  const address = `http://127.0.0.1:${await freePort()}/mcp`
  upstream = await startUpstream(new URL(address).port)
  await done(
    'connects an MCP server',
    'create',
    'connection',
    'remote',
    '-p',
    'smoke',
    '--type',
    'mcp',
    '--url',
    address,
  )
  const made = await done(
    'creates a token',
    'create',
    'token',
    'tester',
    '-p',
    'smoke',
    '--bind',
    'role:admin,connection:notes',
    '--bind',
    'role:admin,connection:remote',
  )
  const token = /hp_pat_\w+/.exec(made.out)?.[0] ?? ''
  check('prints the token once', token !== '', made)

  check('lists its tools over MCP', (await callMcp(token, 'tools/list', {})).includes('create_table'))
  const echoed = await callMcp(token, 'tools/call', { name: 'remote__echo', arguments: { message: 'through' } })
  check('calls the MCP server', echoed.includes('through') && !echoed.includes('isError'), echoed)
  const unknown = await callMcp(token, 'tools/call', { name: 'no_such_tool', arguments: {} })
  check('rejects an unknown tool by name', /error/i.test(unknown) && unknown.includes('no_such_tool'), unknown)
  const session = await request('/api/v1/sessions', token, {
    document: 'notes',
    permissions: ['read', 'write', 'schema'],
  })
  const { token: sessionToken = '' } = session.body as { token?: string }
  check('mints a session token', session.status === 200 && sessionToken.startsWith('sess_'), session)
  const columns = [{ id: 'Name', type: 'Text' }]
  const table = await request('/api/v1/proxy', sessionToken, { method: 'create_table', table_id: 'Notes', columns })
  check('creates a table', table.status === 200, table)
  const added = await request('/api/v1/proxy', sessionToken, {
    method: 'add_records',
    table: 'Notes',
    records: [{ Name: 'one' }],
  })
  check('adds a record', added.status === 200, added)
  const wrong = await fetch(`${url}/projects/other/mcp`, { method: 'POST', headers: headersOf(token), body: '{}' })
  check('rejects the token in another project', wrong.status === 403, { status: wrong.status })

  await end(engine)
  await end(upstream)
  engine = await serve()
  const kept = await callMcp(token, 'tools/list', {})
  check('keeps its state over a restart', kept.includes('create_table'))
  check('lists the tools of an MCP server that is down', kept.includes('remote__echo'))
  const over = await request('/api/v1/proxy', sessionToken, { method: 'list_tables' })
  check('forgets session tokens over a restart', over.status === 401, over)
  await done('revokes the token', 'revoke', 'token', 'tester', '-p', 'smoke')
  const revoked = await request('/api/v1/sessions', token, { document: 'notes', permissions: ['read'] })
  check('rejects the revoked token', revoked.status === 401, revoked)
  console.log('smoke test: passed')
} finally {
  if (engine !== null) await end(engine)
  if (upstream !== null) await end(upstream)
  if (process.env['SMOKE_FOLDER'] === undefined) await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

/** Starts a real MCP server outside the tested program. */
async function startUpstream(port: string): Promise<ChildProcess> {
  const server = join(import.meta.dirname, '../node_modules/@modelcontextprotocol/server-everything/dist/index.js')
  const child = spawn(process.execPath, [server, 'streamableHttp'], {
    env: { ...process.env, PORT: port },
    stdio: 'ignore',
  })
  for (let tries = 0; tries < 300; tries += 1) {
    if ((await fetch(`http://127.0.0.1:${port}/mcp`).catch(() => null)) !== null) return child
    await sleep(100)
  }
  child.kill()
  throw new Error('The MCP server for the test did not start.')
}

function start(...words: string[]): ChildProcess {
  return spawn(program as string, [...firstArgs, ...words], { env: environment, stdio: ['ignore', 'pipe', 'pipe'] })
}

async function hallpass(...words: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = start(...words)
  if (child.stdout === null || child.stderr === null) throw new Error('no output')
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')])
  return { code: code as number | null, out, err }
}

async function done(what: string, ...words: string[]) {
  const result = await hallpass(...words)
  check(what, result.code === 0, result)
  return result
}

async function serve(): Promise<ChildProcess> {
  const child = start('serve')
  let said = ''
  child.stdout?.on('data', (piece: Buffer) => (said += piece.toString()))
  child.stderr?.on('data', (piece: Buffer) => (said += piece.toString()))
  for (let tries = 0; tries < 300; tries += 1) {
    const ready = await fetch(`${url}/readyz`).catch(() => null)
    if (ready?.ok === true) {
      console.log('ok — serves')
      return child
    }
    if (child.exitCode !== null) break
    await sleep(100)
  }
  child.kill()
  throw new Error(`Hallpass did not start to serve:\n${said}`)
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill()
  await once(child, 'exit')
}

function headersOf(token: string): Record<string, string> {
  return {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/json',
    Accept: 'application/json, text/event-stream',
  }
}

async function request(path: string, token: string, body: object): Promise<{ status: number; body: unknown }> {
  const response = await fetch(url + path, { method: 'POST', headers: headersOf(token), body: JSON.stringify(body) })
  return { status: response.status, body: await response.json() }
}

/** Makes one call in a new session. Returns the response as text, from JSON or an event. */
async function callMcp(token: string, method: string, params: object): Promise<string> {
  const clientInfo = { name: 'smoke-test', version: '1' }
  const hello = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo }
  const opened = await fetch(`${url}/projects/smoke/mcp`, {
    method: 'POST',
    headers: headersOf(token),
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'initialize', params: hello }),
  })
  await opened.text()
  const session = opened.headers.get('mcp-session-id')
  const headers = {
    ...headersOf(token),
    'MCP-Protocol-Version': '2025-11-25',
    ...(session === null ? {} : { 'Mcp-Session-Id': session }),
  }
  const answer = await fetch(`${url}/projects/smoke/mcp`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ jsonrpc: '2.0', id: 2, method, params }),
  })
  return answer.text()
}

function check(what: string, right: boolean, seen: unknown = ''): void {
  if (!right) throw new Error(`failed — ${what}: ${JSON.stringify(seen)}`)
  console.log(`ok — ${what}`)
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}
