import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import {
  Client as CurrentClient,
  StreamableHTTPClientTransport as CurrentTransport,
} from '@modelcontextprotocol/client'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  CreateMessageRequestSchema,
  ElicitRequestSchema,
  ListRootsRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { IS_THOROUGH } from '../support/repeats.ts'

type Json = Record<string, any>
const require = createRequire(import.meta.url)
const programOf = (name: string): string =>
  join(dirname(require.resolve(`@modelcontextprotocol/${name}/package.json`)), 'dist/index.js')
const INSPECTOR = join(
  dirname(require.resolve('@modelcontextprotocol/inspector/package.json')),
  'clients/launcher/build/index.js',
)
const SAMPLED = { role: 'assistant' as const, model: 'test', content: { type: 'text' as const, text: 'Sampled.' } }

interface AnyClient {
  listTools(): Promise<Json>
  listResources(): Promise<Json>
  readResource(params: Json): Promise<Json>
  listPrompts(): Promise<Json>
  getPrompt(params: Json): Promise<Json>
  callTool(params: Json, ...more: any[]): Promise<Json>
  close(): Promise<void>
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  return port
}

describe('public MCP servers, joined in one project', { timeout: 120_000 }, () => {
  let engine: TestEngine
  let folder: string
  let everything: ChildProcess
  let token: string

  beforeAll(async () => {
    engine = await startTestEngine({ sample: false })
    folder = await mkdtemp(join(tmpdir(), 'hallpass-public-'))
    await writeFile(join(folder, 'note.txt'), 'A note to read.')
    const port = await freePort()
    everything = spawn(process.execPath, [programOf('server-everything'), 'streamableHttp'], {
      env: { PATH: process.env['PATH'], PORT: String(port) },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    await new Promise<void>((resolve) => {
      everything.stderr?.on('data', (chunk: Buffer) => {
        if (/listening/i.test(chunk.toString())) resolve()
      })
    })
    const { owner } = engine
    await owner.projects.create({ name: 'public' })
    const node = process.execPath
    const made = [
      { name: 'everything', config: { kind: 'mcp', command: node, args: [programOf('server-everything'), 'stdio'] } },
      { name: 'everything-http', config: { kind: 'mcp', url: `http://127.0.0.1:${port}/mcp` } },
      { name: 'files', config: { kind: 'mcp', command: node, args: [programOf('server-filesystem'), folder] } },
      {
        name: 'memory',
        config: {
          kind: 'mcp',
          command: node,
          args: [programOf('server-memory')],
          env: { MEMORY_FILE_PATH: `plain:${join(folder, 'memory.jsonl')}` },
        },
      },
    ] as const
    for (const { name, config } of made)
      await owner.connections.create({ name, project: 'public', config: config as never })
    token =
      (await owner.tokens.create({ project: 'public', name: 'interop', kind: 'access', clone: true })).secret ?? ''
  }, 120_000)
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    everything?.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true })
  })

  const address = (): URL => new URL(`${engine.url}/projects/public/mcp`)
  const requestInit = (): RequestInit => ({ headers: { authorization: `Bearer ${token}` } })
  const capabilities = { elicitation: { form: {} }, sampling: {}, roots: {} }
  const filled = (request: Json) => ({
    action: 'accept' as const,
    content: Object.fromEntries(
      (request['params'].requestedSchema?.required ?? []).map((field: string) => [field, 'filled']),
    ),
  })

  async function oldClient(): Promise<AnyClient> {
    const client = new OldClient({ name: 'interop-1', version: '1' }, { capabilities })
    client.setRequestHandler(ElicitRequestSchema, filled)
    client.setRequestHandler(CreateMessageRequestSchema, () => SAMPLED)
    client.setRequestHandler(ListRootsRequestSchema, () => ({ roots: [{ uri: 'file:///' }] }))
    await client.connect(new OldTransport(address(), { requestInit: requestInit() }) as never)
    return client as unknown as AnyClient
  }
  async function currentClient(mode: 'legacy' | { pin: string }): Promise<AnyClient> {
    const client = new CurrentClient(
      { name: 'interop-2', version: '2' },
      { capabilities, versionNegotiation: { mode } },
    )
    client.setRequestHandler('elicitation/create', filled as never)
    client.setRequestHandler('sampling/createMessage', () => SAMPLED as never)
    client.setRequestHandler('roots/list', () => ({ roots: [{ uri: 'file:///' }] }))
    await client.connect(new CurrentTransport(address(), { requestInit: requestInit() }))
    return client as unknown as AnyClient
  }
  const CLIENTS: [string, () => Promise<AnyClient>][] = [
    ['SDK 1.x', oldClient],
    ['SDK 2.x, 2025-11-25', () => currentClient('legacy')],
    ['SDK 2.x, 2026-07-28', () => currentClient({ pin: '2026-07-28' })],
  ]

  // One session for all tests of a client, because each session starts a process of every server over stdio.
  describe.each(CLIENTS)('%s', (name, connect) => {
    let client: AnyClient
    beforeAll(async () => {
      client = await connect()
    }, 120_000)
    afterAll(() => client.close())

    test("can't widen the folder of server-filesystem with its roots", async () => {
      const allowed = await client.callTool({ name: 'files__list_allowed_directories', arguments: {} })
      expect(allowed['content'][0].text.split('\n').slice(1)).toEqual([folder])
      const outside = await client.callTool({ name: 'files__list_directory', arguments: { path: '/etc' } })
      expect(outside['isError']).toBe(true)
    })

    test('uses the tools, resources and prompts of all four', async () => {
      const { tools } = await client.listTools()
      const names = tools.map((tool: Json) => tool['name']) as string[]
      expect(names).toEqual(
        expect.arrayContaining([
          'everything__echo',
          'everything-http__echo',
          'files__read_text_file',
          'memory__create_entities',
        ]),
      )
      for (const upstream of ['everything', 'everything-http']) {
        const echoed = await client.callTool({ name: `${upstream}__echo`, arguments: { message: 'hello' } })
        expect(echoed['content'][0].text).toContain('hello')
        const structured = await client.callTool({
          name: `${upstream}__get-structured-content`,
          arguments: { location: 'New York' },
        })
        expect(structured['structuredContent']).toMatchObject({ temperature: expect.any(Number) })
      }
      const read = await client.callTool({
        name: 'files__read_text_file',
        arguments: { path: join(folder, 'note.txt') },
      })
      expect(read['content'][0].text).toBe('A note to read.')
      await client.callTool({
        name: 'memory__create_entities',
        arguments: { entities: [{ name: 'Ada', entityType: 'person', observations: ['counts'] }] },
      })
      const graph = await client.callTool({ name: 'memory__read_graph', arguments: {} })
      expect(JSON.stringify(graph)).toContain('Ada')
      const { resources } = await client.listResources()
      const uri = resources
        .map((one: Json) => one['uri'])
        .find((one: string) => one.startsWith('hallpass+everything+')) as string
      expect((await client.readResource({ uri }))['contents'][0].uri).toBe(uri)
      const { prompts } = await client.listPrompts()
      const simple = prompts
        .map((one: Json) => one['name'])
        .find((one: string) => one.startsWith('everything__simple')) as string
      expect((await client.getPrompt({ name: simple }))['messages'].length).toBeGreaterThan(0)
    })

    test('receives progress and a request to sample', async () => {
      const heard: number[] = []
      const options = { onprogress: ({ progress }: Json) => heard.push(progress) }
      const call = { name: 'everything__trigger-long-running-operation', arguments: { duration: 0.4, steps: 4 } }
      await (name === 'SDK 1.x' ? client.callTool(call, undefined, options) : client.callTool(call, options))
      // A client of 2026-07-28 counts the rounds in which it was asked something as progress too.
      expect(heard).toEqual(expect.arrayContaining([1, 2, 3, 4]))
      const sampled = await client.callTool({
        name: 'everything-http__trigger-sampling-request',
        arguments: { prompt: 'Say something', maxTokens: 10 },
      })
      expect(JSON.stringify(sampled)).toContain('Sampled.')
    })
  })

  test.each(['legacy', 'modern'])('the Inspector lists and calls them (%s era)', async (era) => {
    const home = await mkdtemp(join(tmpdir(), 'hallpass-inspector-'))
    const inspect = (...options: string[]): Promise<string> =>
      new Promise((resolve, reject) => {
        const call = [
          INSPECTOR,
          '--cli',
          address().href,
          '--transport',
          'http',
          '--header',
          `Authorization: Bearer ${token}`,
          '--protocol-era',
          era,
          '--format',
          'json',
          ...options,
        ]
        execFile(
          process.execPath,
          call,
          {
            env: { PATH: process.env['PATH'], HOME: home, NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] },
            timeout: 60_000,
            maxBuffer: 2 ** 26,
          },
          (error, stdout, stderr) => {
            if (error === null) resolve(stdout)
            else reject(new Error(`${stderr}\n${stdout}`))
          },
        )
      })
    try {
      // Each start of the Inspector starts the servers too. Both eras list tools in inspector.test.ts as well.
      if (era === 'legacy' || IS_THOROUGH)
        expect(await inspect('--method', 'tools/list')).toContain('memory__create_entities')
      expect(
        await inspect(
          '--method',
          'tools/call',
          '--tool-name',
          'everything__get-sum',
          '--tool-args-json',
          '{"a":2,"b":3}',
        ),
      ).toContain('5')
      if (era === 'modern' || IS_THOROUGH)
        expect(await inspect('--method', 'resources/list')).toContain('hallpass+everything-http+')
    } finally {
      await rm(home, { recursive: true, force: true })
    }
  })

  test('no process remains when the engine stops', async () => {
    const before = await children()
    expect(before.length).toBeGreaterThan(2)
    await engine.stop()
    await expect.poll(children, { timeout: 10_000 }).toEqual([])
  })

  function children(): Promise<string[]> {
    return new Promise((resolve) => {
      execFile('ps', ['-e', '-o', 'pid=,args='], (_error, stdout) => {
        resolve(
          stdout
            .split('\n')
            .filter((line) => line.includes(folder) || (line.includes('server-everything') && line.includes(' stdio'))),
        )
      })
    })
  }
})
