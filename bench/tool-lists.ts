/** Lists of 500 tools, through Hallpass and through a bare gateway of SDK parts. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Pool } from 'undici'
import { startScriptedUpstream, tool } from '../tests/bridge/support/scripted-upstream.ts'
import { startEngineProcess } from './engine-process.ts'

const AT_A_TIME = 16

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

/** The same 500 tools of one upstream through the gateway, which requests them each time. */
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

/** Measures listing 500 tools of ten upstreams repeatedly. */
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
      ours: {
        'median ms': Number((times[100] ?? 0).toFixed(2)),
        'worst ms': Number((times.at(-1) ?? 0).toFixed(2)),
        'CPU ms/list': cpu / 200,
      },
      gateway: peer,
    }
  } finally {
    await engine.stop()
    await Promise.all(upstreams.map((upstream) => upstream.close()))
  }
}
