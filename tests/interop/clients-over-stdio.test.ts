import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as CurrentClient } from '@modelcontextprotocol/client'
import { StdioClientTransport as CurrentTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { PROGRAM } from '../support/command-line.ts'
import { until } from '../support/until.ts'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(request: { name: string; arguments?: Record<string, unknown> }): Promise<Record<string, any>>
  close(): Promise<void>
}

describe('MCP clients over hallpass stdio', () => {
  let home: string
  const environment = (): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
    HALLPASS_HOME: home,
    HALLPASS_PORT: '0',
    HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
    NODE_NO_WARNINGS: '1',
  })
  const launch = (...options: string[]) => ({
    command: process.execPath,
    args: [PROGRAM, 'stdio', '--project', 'demo', ...options],
    env: environment(),
    stderr: 'pipe' as const,
  })

  async function oldClient(): Promise<AnyClient> {
    const client = new OldClient({ name: 'interop-1', version: '1' })
    await client.connect(new OldTransport(launch()))
    return client as unknown as AnyClient
  }
  async function currentClient(mode: 'legacy' | 'auto' | { pin: string }): Promise<AnyClient> {
    const client = new CurrentClient({ name: 'interop-2', version: '2' }, { versionNegotiation: { mode } })
    await client.connect(new CurrentTransport(launch('--as', 'local-agent')))
    return client as unknown as AnyClient
  }

  function run(input: string, ...options: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [PROGRAM, ...options], { env: environment() })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += String(chunk)
    })
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += String(chunk)
    })
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })))
  }

  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'hp-stdio-'))
  })
  afterAll(async () => {
    const { stdout } = await run('', 'status', '-o', 'json')
    const { pid } = JSON.parse(stdout) as { pid: number }
    process.kill(pid, 'SIGTERM')
    await until('the engine has ended', () => !lives(pid))
    await rm(home, { recursive: true, force: true })
  }, 30_000)

  test.each<[string, () => Promise<AnyClient>]>([
    ['SDK 1.x', oldClient],
    ['SDK 2.x, 2025-11-25', () => currentClient('legacy')],
    ['SDK 2.x, 2026-07-28', () => currentClient({ pin: '2026-07-28' })],
  ])(
    '%s starts an engine when none runs, is denied schema changes, and gets a session token that works',
    { timeout: 30_000 },
    async (_name, connect) => {
      const client = await connect()
      const refused = await client.callTool({
        name: 'delete_column',
        arguments: { table: 'Orders', column_id: 'Status' },
      })
      expect(refused['isError']).toBe(true)
      expect((await client.listTools()).tools.map((tool) => tool.name)).toContain('request_session_token')
      const { structuredContent: session } = await client.callTool({
        name: 'request_session_token',
        arguments: { document: 'sales', permissions: ['read'] },
      })
      const reply = await fetch(session.proxy_url, {
        method: 'POST',
        headers: { authorization: `Bearer ${session.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ method: 'list_tables' }),
      })
      expect(await reply.json()).toMatchObject({ success: true })
      await client.close()
    },
  )

  test(
    'an unknown project or token writes nothing to stdout and explains it on stderr',
    { timeout: 30_000 },
    async () => {
      for (const options of [
        ['--project', 'nowhere'],
        ['--project', 'demo', '--as', 'nobody'],
      ]) {
        const { code, stdout, stderr } = await run('', 'stdio', ...options)
        expect(code).not.toBe(0)
        expect(stdout).toBe('')
        expect(stderr.length).toBeGreaterThan(5)
      }
    },
  )

  test('a piped request is answered before the end of the input', { timeout: 30_000 }, async () => {
    const messages = [
      {
        jsonrpc: '2.0',
        id: 0,
        method: 'initialize',
        params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'pipe', version: '1' } },
      },
      { jsonrpc: '2.0', method: 'notifications/initialized' },
      { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_tables', arguments: {} } },
    ]
    const { code, stdout } = await run(
      messages.map((message) => `${JSON.stringify(message)}\n`).join(''),
      'stdio',
      '--project',
      'demo',
    )
    const answers = stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
    expect(answers.map((answer) => answer.id)).toEqual([0, 1])
    expect(answers[1].result.structuredContent.tables).toContain('Orders')
    expect(code).toBe(0)
  })
})
