/** Tool calls of an upstream MCP server, 16 at a time: called directly, through a bare gateway of SDK parts, and through Hallpass. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Pool } from 'undici'
import { startScriptedUpstream, tool } from '../tests/bridge/support/scripted-upstream.ts'
import { startEngineProcess } from './engine-process.ts'

const AT_A_TIME = 16
const SECONDS = 5
const ANSWER = { content: [{ type: 'text', text: 'x'.repeat(1024) }] }

type Send = (method: string, params: object) => Promise<any>

async function clientOf(address: string, token: string | null): Promise<{ send: Send; close(): Promise<void> }> {
  const { origin, pathname } = new URL(address)
  const pool = new Pool(origin, { connections: AT_A_TIME })
  let session = ''
  let id = 0
  const send: Send = async (method, params) => {
    id += 1
    const reply = await pool.request({
      method: 'POST',
      path: pathname,
      body: JSON.stringify({ jsonrpc: '2.0', id, method, params }),
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(session === '' ? {} : { 'mcp-session-id': session }),
      },
    })
    session = String(reply.headers['mcp-session-id'] ?? session)
    return reply.body.json()
  }
  await send('initialize', {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'bench', version: '1' },
  })
  return { send, close: () => pool.close() }
}

async function load(send: Send, name: string, seconds: number): Promise<{ calls: number; medianMs: number }> {
  const times: number[] = []
  const end = performance.now() + seconds * 1000
  await Promise.all(
    Array.from({ length: AT_A_TIME }, async () => {
      while (performance.now() < end) {
        const began = performance.now()
        const answer = await send('tools/call', { name, arguments: { a: 1 } })
        if (answer.result?.content?.[0]?.text?.length !== 1024) throw new Error(JSON.stringify(answer))
        times.push(performance.now() - began)
      }
    }),
  )
  times.sort((a, b) => a - b)
  return { calls: times.length, medianMs: times[times.length >> 1] ?? 0 }
}

async function measured(send: Send, name: string, cpuMs: () => Promise<number>) {
  await load(send, name, 1)
  const before = await cpuMs()
  const { calls, medianMs } = await load(send, name, SECONDS)
  const cpu = (await cpuMs()) - before
  return {
    'calls/s': Math.round(calls / SECONDS),
    'median ms': Number(medianMs.toFixed(2)),
    'CPU µs/call': cpu === 0 ? null : Math.round((cpu * 1000) / calls),
  }
}

async function cpuOf(child: ChildProcess): Promise<number> {
  const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
  return (Number(fields[11]) + Number(fields[12])) * 10
}

async function startGateway(target: string): Promise<{ url: string; process: ChildProcess }> {
  const peer = spawn(process.execPath, [join(import.meta.dirname, 'sdk-gateway.ts'), target], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(peer.stdout, 'data')) as [Buffer]
  return { url: line.toString().trim(), process: peer }
}

/** The same to an upstream over stdio, in turns with the gateway; the upstream's own process is not counted. */
export async function measureStdioCalls(rounds = 3) {
  const script = join(import.meta.dirname, 'stdio-upstream.ts')
  const peer = await startGateway(script)
  const engine = await startEngineProcess()
  try {
    await engine.hallpass(
      'create',
      'connection',
      'up',
      '-p',
      'demo',
      '--type',
      'mcp',
      '--command',
      process.execPath,
      '--arg',
      script,
    )
    const token = await engine.hallpass('create', 'token', 'bench', '-p', 'demo', '--clone', '--rate', 'none')
    const gateway = await clientOf(peer.url, null)
    const ours = await clientOf(`${engine.url}/projects/demo/mcp`, token)
    const rows: Record<string, Awaited<ReturnType<typeof measured>>> = {}
    for (let round = 1; round <= rounds; round += 1) {
      rows[`SDK server + SDK client ${round}`] = await measured(gateway.send, 'echo', () => cpuOf(peer.process))
      rows[`Hallpass ${round}`] = await measured(ours.send, 'up__echo', () => engine.cpuMs())
    }
    await Promise.all([gateway.close(), ours.close()])
    return rows
  } finally {
    peer.process.kill()
    await engine.stop()
  }
}

export async function measureMcpCalls() {
  const upstream = await startScriptedUpstream({ tools: [tool('echo')], call: () => ANSWER })
  const { url, process: peer } = await startGateway(upstream.url)
  const engine = await startEngineProcess()
  try {
    await engine.hallpass('create', 'connection', 'up', '-p', 'demo', '--type', 'mcp', '--url', upstream.url)
    const token = await engine.hallpass('create', 'token', 'bench', '-p', 'demo', '--clone', '--rate', 'none')
    const direct = await clientOf(upstream.url, null)
    const gateway = await clientOf(url, null)
    const ours = await clientOf(`${engine.url}/projects/demo/mcp`, token)
    const rows = {
      directly: await measured(direct.send, 'echo', () => Promise.resolve(0)),
      'SDK server + SDK client': await measured(gateway.send, 'echo', () => cpuOf(peer)),
      Hallpass: await measured(ours.send, 'up__echo', () => engine.cpuMs()),
    }
    await Promise.all([direct.close(), gateway.close(), ours.close()])
    return rows
  } finally {
    peer.kill()
    await engine.stop()
    await upstream.close()
  }
}

/** The same 500 tools of one upstream through the gateway, which asks for them anew each time. */
async function listsOfGateway(properties: object) {
  const tools = Array.from({ length: 500 }, (_, index) =>
    tool(`up-${index % 10}__tool_${index}`, { inputSchema: { type: 'object', properties } }),
  )
  const upstream = await startScriptedUpstream({ tools })
  const { url, process: peer } = await startGateway(upstream.url)
  try {
    const client = await clientOf(url, null)
    const times: number[] = []
    await client.send('tools/list', {})
    const before = await cpuOf(peer)
    for (let round = 0; round < 200; round += 1) {
      const began = performance.now()
      await client.send('tools/list', {})
      times.push(performance.now() - began)
    }
    const cpu = (await cpuOf(peer)) - before
    await client.close()
    times.sort((a, b) => a - b)
    return {
      'median ms': Number((times[100] ?? 0).toFixed(2)),
      'worst ms': Number((times.at(-1) ?? 0).toFixed(2)),
      'CPU ms/list': cpu / 200,
    }
  } finally {
    peer.kill()
    await upstream.close()
  }
}

/** 500 tools of ten upstreams, listed again and again. */
export async function measureToolLists() {
  const properties = Object.fromEntries(
    Array.from({ length: 8 }, (_, index) => [`field_${index}`, { type: 'string', description: 'What it is good for' }]),
  )
  const tools = Array.from({ length: 50 }, (_, index) =>
    tool(`tool_${index}`, { inputSchema: { type: 'object', properties } }),
  )
  const upstreams = await Promise.all(Array.from({ length: 10 }, () => startScriptedUpstream({ tools })))
  const engine = await startEngineProcess()
  try {
    for (const [index, { url }] of upstreams.entries())
      await engine.hallpass('create', 'connection', `up-${index}`, '-p', 'demo', '--type', 'mcp', '--url', url)
    const token = await engine.hallpass('create', 'token', 'bench', '-p', 'demo', '--clone', '--rate', 'none')
    const client = await clientOf(`${engine.url}/projects/demo/mcp`, token)
    const times: number[] = []
    await client.send('tools/list', {})
    const before = await engine.cpuMs()
    for (let round = 0; round < 200; round += 1) {
      const began = performance.now()
      const { result } = await client.send('tools/list', {})
      times.push(performance.now() - began)
      if (result.tools.length < 500) throw new Error(`only ${result.tools.length} tools`)
    }
    const cpu = (await engine.cpuMs()) - before
    await client.close()
    const peer = await listsOfGateway(properties)
    times.sort((a, b) => a - b)
    return {
      'Hallpass, tools/list of 500': {
        'median ms': Number((times[100] ?? 0).toFixed(2)),
        'worst ms': Number((times.at(-1) ?? 0).toFixed(2)),
        'CPU ms/list': cpu / 200,
      },
      'SDK server + SDK client, the same list': peer,
    }
  } finally {
    await engine.stop()
    await Promise.all(upstreams.map((upstream) => upstream.close()))
  }
}

if (import.meta.main) {
  console.table(await measureMcpCalls())
  console.table(await measureStdioCalls())
  console.table(await measureToolLists())
}
