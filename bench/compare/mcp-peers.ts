import { spawn, type ChildProcess } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { SSEClientTransport } from '@modelcontextprotocol/sdk/client/sse.js'
import type { Contender } from './measure.ts'
import { freePort, untilListening } from './ports.ts'
import { endWithThisProcess } from '../end-with-this-process.ts'

export interface McpPeer {
  contender: Omit<Contender, 'isCounted'>
  stop(): Promise<void>
}

type ToolCall = (url: string, token: string | null, name: string) => Promise<Contender['send']>

/** Starts mcp-proxy in front of a stdio server, or returns null if `BENCH_PEERS` doesn't have it. */
export async function startMcpProxy(script: string, toolCall: ToolCall): Promise<McpPeer | null> {
  const program = programOf('mcp-proxy')
  if (program === null) return null
  const port = await freePort()
  const own = ['--port', String(port), '--host', '127.0.0.1', '--server', 'stream']
  const child = start([program, ...own, '--', process.execPath, script])
  await untilListening(port)
  const origin = `http://127.0.0.1:${port}`
  return {
    contender: { pid: child.pid ?? 0, origin, send: await toolCall(`${origin}/mcp`, null, 'echo') },
    stop: async () => void child.kill(),
  }
}

/** Starts mcp-hub in front of a stdio server, or returns null. It speaks the older HTTP+SSE, so the SDK's client calls it. */
export async function startMcpHub(script: string): Promise<McpPeer | null> {
  const program = programOf('mcp-hub')
  if (program === null) return null
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-mcp-hub-'))
  const config = join(folder, 'servers.json')
  writeFileSync(config, JSON.stringify({ mcpServers: { bench: { command: process.execPath, args: [script] } } }))
  const home = { HOME: folder, XDG_STATE_HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder }
  const child = start([program, '--port', String(port), '--config', config], home)
  await untilListening(port)
  const origin = `http://127.0.0.1:${port}`
  const { client, name } = await eventually(async () => connected(new URL(`${origin}/mcp`), 'echo'))
  return {
    contender: {
      pid: child.pid ?? 0,
      origin,
      async send() {
        const { content } = await client.callTool({ name, arguments: { a: 1 } })
        if (!JSON.stringify(content).includes('x'.repeat(1024))) throw new Error(`${name}: ${JSON.stringify(content)}`)
      },
    },
    async stop() {
      await client.close()
      child.kill()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

async function connected(url: URL, ending: string): Promise<{ client: Client; name: string }> {
  const client = new Client({ name: 'bench', version: '1' })
  await client.connect(new SSEClientTransport(url))
  const { tools } = await client.listTools()
  const found = tools.find(({ name }) => name.endsWith(ending))
  if (found !== undefined) return { client, name: found.name }
  await client.close()
  throw new Error('mcp-hub shows no tool.')
}

/** The hub listens before its servers have started. */
async function eventually<T>(attempt: () => Promise<T>): Promise<T> {
  for (let left = 100; ; left -= 1) {
    try {
      return await attempt()
    } catch (thrown) {
      if (left === 0) throw thrown
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

function programOf(name: string): string | null {
  // Folder with the packages, which aren't dependencies of Hallpass.
  const peers = process.env['BENCH_PEERS'] ?? ''
  const manifest = join(peers, 'node_modules', name, 'package.json')
  if (peers === '' || !existsSync(manifest)) return null
  const { bin } = createRequire(manifest)(manifest) as { bin: Record<string, string> }
  return join(peers, 'node_modules', name, bin[name] ?? '')
}

function start(words: string[], environment: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, words, {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { ...process.env, ...environment },
  })
  endWithThisProcess(child)
  return child
}
