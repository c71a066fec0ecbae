import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client as CurrentClient } from '@modelcontextprotocol/client'
import { StdioClientTransport as CurrentTransport } from '@modelcontextprotocol/client/stdio'
import { Client as OldClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OldTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { connectControl, type ControlClient } from '../../src/control/control-client.ts'
import { PROGRAM } from '../support/command-line.ts'
import { until } from '../support/until.ts'
import { repeats } from '../support/repeats.ts'
import { TEST_VAULT_KEY } from '../support/prepare-home.ts'

/** The first time the client starts the next engine, the second time the owner does. */
const KILLS = repeats(2, 5)
const CALLS = 200 * KILLS

interface AnyClient {
  listTools(): Promise<{ tools: { name: string }[] }>
  callTool(request: { name: string; arguments?: Record<string, unknown> }): Promise<Record<string, any>>
  ping(): Promise<unknown>
  close(): Promise<void>
  onerror?: ((error: Error) => void) | undefined
}

interface Connected {
  client: AnyClient
  /** IDs of the answers that reached the client, in order. */
  answers: (string | number)[]
  problems: Error[]
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

const gone = (pid: number): Promise<void> => until(`process ${pid} is gone`, () => !isAlive(pid))

describe('hallpass stdio when its engine goes away', () => {
  let home: string
  let open: (() => Promise<void>)[]
  const environment = (): Record<string, string> => ({
    PATH: process.env['PATH'] ?? '',
    HALLPASS_HOME: home,
    HALLPASS_PORT: '0',
    HALLPASS_VAULT_KEY: TEST_VAULT_KEY,
    NODE_NO_WARNINGS: '1',
    NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] ?? '',
  })
  const launch = () => ({
    command: process.execPath,
    args: [PROGRAM, 'stdio', '--project', 'demo', '--as', 'local-agent'],
    env: environment(),
    stderr: 'pipe' as const,
  })

  async function withControl<T>(act: (control: ControlClient) => Promise<T>): Promise<T> {
    const control = await connectControl({ home })
    try {
      return await act(control)
    } finally {
      control.close()
    }
  }
  const status = () => withControl(({ api }) => api.status())

  async function kill(): Promise<void> {
    const { pid } = await status()
    process.kill(pid, 'SIGKILL')
    await gone(pid)
  }

  async function startEngine(environmentOfEngine: Record<string, string> = {}): Promise<ChildProcess> {
    const child = spawn(process.execPath, [PROGRAM, 'serve'], {
      env: { ...environment(), ...environmentOfEngine },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    // It exits if the client has started one meanwhile.
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')])
    return child
  }

  function tapped(client: AnyClient, transport: { onmessage?: unknown }): Connected {
    const answers: (string | number)[] = []
    const problems: Error[] = []
    Object.assign(client, { onerror: (error: Error) => problems.push(error) })
    const receive = transport.onmessage as (message: Record<string, any>, ...rest: unknown[]) => void
    Object.assign(transport, {
      onmessage(message: Record<string, any>, ...rest: unknown[]) {
        if (message['method'] === undefined && message['id'] !== undefined) answers.push(message['id'])
        receive(message, ...rest)
      },
    })
    open.push(() => client.close())
    return { client, answers, problems }
  }

  const clients: [string, () => Promise<Connected>][] = [
    [
      'SDK 1.x',
      async () => {
        const client = new OldClient({ name: 'outlives-1', version: '1' })
        const transport = new OldTransport(launch())
        await client.connect(transport)
        return tapped(client as unknown as AnyClient, transport)
      },
    ],
    ...(['legacy', { pin: '2026-07-28' }] as const).map((mode): [string, () => Promise<Connected>] => [
      `SDK 2.x, ${mode === 'legacy' ? '2025-11-25' : mode.pin}`,
      async () => {
        const client = new CurrentClient({ name: 'outlives-2', version: '2' }, { versionNegotiation: { mode } })
        const transport = new CurrentTransport(launch())
        await client.connect(transport)
        return tapped(client as unknown as AnyClient, transport)
      },
    ]),
  ]

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'hp-outlives-'))
    open = []
  })
  afterEach(async () => {
    for (const close of open) await close()
    const running = await status().catch(() => null)
    if (running !== null) {
      process.kill(running.pid, 'SIGTERM')
      await gone(running.pid)
    }
    await rm(home, { recursive: true, force: true })
  }, 30_000)

  test.each(clients)(
    `%s keeps calling through ${KILLS} killed engines, and each of ${CALLS} calls gets one response`,
    { timeout: 240_000 },
    async (_name, connect) => {
      const { client, answers, problems } = await connect()
      await client.listTools()
      answers.length = 0
      const outcomes: string[] = []
      let next = 0
      const worker = async (): Promise<void> => {
        while (next < CALLS) {
          next += 1
          try {
            const { structuredContent } = await client.callTool({ name: 'list_tables', arguments: {} })
            outcomes.push(structuredContent.tables.includes('Orders') ? 'answered' : 'wrong')
          } catch (thrown) {
            const { code, message } = thrown as { code?: number; message: string }
            outcomes.push(code === -32_603 ? 'lost' : `wrong: ${message}`)
          }
        }
      }
      const running = Promise.all(Array.from({ length: 4 }, worker))
      const ports = new Set<string>()
      for (let round = 1; round <= KILLS; round += 1) {
        await until('the next calls have ended', () => outcomes.length >= round * 150)
        ports.add((await status()).url)
        await kill()
        // The client starts an engine by itself, or the owner does.
        if (round % 2 === 0) await startEngine()
        await vi.waitFor(() => status(), { timeout: 30_000, interval: 50 })
      }
      await running
      expect(outcomes.filter((outcome) => outcome.startsWith('wrong'))).toEqual([])
      expect(outcomes).toHaveLength(CALLS)
      // Four calls at most are under way when an engine is killed.
      expect(outcomes.filter((outcome) => outcome === 'lost').length).toBeLessThanOrEqual(4 * KILLS)
      expect(answers).toHaveLength(CALLS)
      expect(new Set(answers).size).toBe(CALLS)
      expect(ports.size).toBe(KILLS)
      expect(problems).toEqual([])
    },
  )

  test(
    'calls fail with a reason while no engine can start, and work again afterward',
    { timeout: 120_000 },
    async () => {
      const occupied = createServer()
      await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve))
      const { port } = occupied.address() as AddressInfo
      await startEngine()
      const transport = new OldTransport({ ...launch(), env: { ...environment(), HALLPASS_PORT: String(port) } })
      const old = new OldClient({ name: 'outlives-1', version: '1' })
      await old.connect(transport)
      const { client } = tapped(old as unknown as AnyClient, transport)
      await withControl(({ api }) => api.stop())
      await vi.waitFor(async () => expect(await status().catch(() => null)).toBeNull(), { timeout: 10_000 })
      await client.ping()
      await expect(client.callTool({ name: 'list_tables', arguments: {} })).rejects.toMatchObject({
        code: -32_603,
        message: expect.stringContaining(String(port)),
      })
      occupied.close()
      expect(await client.callTool({ name: 'list_tables', arguments: {} })).toMatchObject({ structuredContent: {} })
      expect((await status()).url).toBe(`http://127.0.0.1:${port}`)
    },
  )

  test('an idle client starts no engine, but connects to one that starts', { timeout: 120_000 }, async () => {
    await startEngine()
    const transport = new OldTransport(launch())
    const old = new OldClient({ name: 'outlives-1', version: '1' })
    const changed: string[] = []
    old.setNotificationHandler(ToolListChangedNotificationSchema, ({ method }) => void changed.push(method))
    await old.connect(transport)
    const { client } = tapped(old as unknown as AnyClient, transport)
    await client.listTools()
    await withControl(({ api }) => api.stop())
    await vi.waitFor(async () => expect(await status().catch(() => null)).toBeNull(), { timeout: 10_000 })
    expect(changed).toEqual([])
    await startEngine()
    await vi.waitFor(() => expect(changed).not.toEqual([]), { timeout: 20_000 })
  })
})
