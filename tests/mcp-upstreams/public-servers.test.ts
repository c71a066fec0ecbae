import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, expect, it } from 'vitest'
import { eventually, openMcpRoom, quietClient, textOf, type McpRoom } from './support/mcp-room.ts'

const bin = (name: string): string => join(import.meta.dirname, '../../node_modules/.bin', name)
const folder = mkdtempSync(join(tmpdir(), 'hallpass-public-'))
const started: ChildProcess[] = []
let room: McpRoom
beforeEach(async () => {
  room = await openMcpRoom()
})
afterEach(async () => {
  await room[Symbol.asyncDispose]()
  for (const child of started.splice(0)) child.kill()
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const call = (connection: string, name: string, args: object) => {
  const session = room.mcp.openSession(connection, quietClient())
  return session.request('tools/call', { name, arguments: args }).finally(() => session.close())
}

/** The address of server-everything over HTTP, once it listens. */
async function everythingAt(transport: 'streamableHttp' | 'sse', path: string): Promise<string> {
  const port = await freePort()
  return startEverything(transport, port, path)
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as AddressInfo
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function startEverything(transport: 'streamableHttp' | 'sse', port: number, path: string): Promise<string> {
  started.push(
    spawn(process.execPath, [bin('mcp-server-everything'), transport], {
      env: { ...process.env, PORT: String(port) },
      stdio: 'ignore',
    }),
  )
  const url = `http://127.0.0.1:${port}${path}`
  const listens = (): Promise<boolean> =>
    fetch(url, { method: 'OPTIONS' }).then(
      () => true,
      () => false,
    )
  await eventually(listens, 20_000)
  return url
}

it('server-everything over stdio: tools, resources, prompts, and an environment without the vault key', async () => {
  await room.add(
    'every',
    { kind: 'mcp', command: bin('mcp-server-everything'), args: ['stdio'], env: { API_KEY: 'keychain' } },
    'canary-everything-91',
  )
  const { tools, resources, resourceTemplates, prompts, leftOut } = room.mcp.catalog('every')
  for (const list of [resources, resourceTemplates, prompts]) expect(list.length).toBeGreaterThan(0)
  expect(tools.length).toBeGreaterThan(10)
  expect(leftOut).toMatch(/"simulate-research-query" runs only as a task\.$/)
  expect(textOf(await call('every', 'echo', { message: 'hi' }))).toBe('Echo: hi')
  const environment = textOf(await call('every', 'get-env', {}))
  expect(environment).toContain('API_KEY')
  expect(environment).not.toContain('canary')
})

it.each([
  ['streamableHttp', '/mcp'],
  ['sse', '/sse'],
] as const)('server-everything over %s', async (transport, path) => {
  await room.add('every', { kind: 'mcp', url: await everythingAt(transport, path) })
  expect(textOf(await call('every', 'get-sum', { a: 2, b: 3 }))).toContain('5')
  expect(room.store.read.connection('every')?.config).toMatchObject(transport === 'sse' ? { sse: true } : {})
  const session = room.mcp.openSession('every', quietClient())
  const seen: unknown[] = []
  await session.request(
    'tools/call',
    { name: 'trigger-long-running-operation', arguments: { duration: 0.2, steps: 2 } },
    { onProgress: (progress) => seen.push(progress['progress']) },
  )
  expect(seen).toEqual([1, 2])
  await session.close()
})

it.each([
  ['streamableHttp', '/mcp'],
  ['sse', '/sse'],
] as const)('a session continues after the server over %s was restarted', async (transport, path) => {
  const port = await freePort()
  await room.add('every', { kind: 'mcp', url: await startEverything(transport, port, path) })
  const session = room.mcp.openSession('every', quietClient())
  await session.opened()
  const [first] = started.splice(0)
  first?.kill('SIGKILL')
  await new Promise((resolve) => first?.once('exit', resolve))
  await expect(session.request('tools/call', { name: 'echo', arguments: { message: 'away' } })).rejects.toMatchObject({
    code: 'UPSTREAM_ERROR',
  })
  await startEverything(transport, port, path)
  expect(textOf(await session.request('tools/call', { name: 'echo', arguments: { message: 'back' } }))).toBe(
    'Echo: back',
  )
})

it('server-filesystem and server-memory', async () => {
  writeFileSync(join(folder, 'note.txt'), 'read me')
  await room.add('files', { kind: 'mcp', command: bin('mcp-server-filesystem'), args: [folder] })
  await room.add('memory', {
    kind: 'mcp',
    command: bin('mcp-server-memory'),
    env: { MEMORY_FILE_PATH: `plain:${join(folder, 'memory.jsonl')}` },
  })
  expect(textOf(await call('files', 'read_text_file', { path: join(folder, 'note.txt') }))).toBe('read me')
  await call('memory', 'create_entities', {
    entities: [{ name: 'hallpass', entityType: 'program', observations: ['lends tokens'] }],
  })
  expect(textOf(await call('memory', 'read_graph', {}))).toContain('lends tokens')
  expect(room.mcp.decide('files', 'write_file')?.permission).toBe('write')
  expect(room.mcp.decide('files', 'read_text_file')?.permission).toBe('read')
})
