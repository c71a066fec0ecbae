/**
 * Calls of every kind through every entry point for a long time, with random faults, against the engine as a user runs it. After each
 * round calls and faults stop and what is left is measured: the heap after a forced collection, descriptors and processes. Fails if any
 * of them grows with the number of calls, if the log has another number of rows than there were requests, or if the key of the
 * upstreams is in any file but the sealed ones, or in a response.
 * `npm run soak -- --minutes 20 [--calls 100000]`: ends with whichever comes first; without --calls, with the minutes.
 */
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Pool } from 'undici'
import { startScriptedUpstream, tool } from '../../tests/bridge/support/scripted-upstream.ts'
import { startEngineProcess, type EngineProcess } from '../engine-process.ts'
import { startPeer } from '../http-peers.ts'
import { connectControl } from '../../src/control/control-client.ts'
import { connectConsole } from '../../tests/support/console-client.ts'
import { CALL_KINDS, CANARY, type CallTarget } from './call-kinds.ts'
import { checkLog, filesWith, type Ledger } from './check-log.ts'
import { createFaults } from './faults.ts'
import { startFaultyUpstream } from './faulty-upstream.ts'
import { startStdioClient } from './stdio-client.ts'
import { debuggerPort, openEngineHeap } from './engine-heap.ts'

interface Sample {
  calls: number
  heapBytes: number
  descriptors: number
  processes: number
  residentBytes: number
}

const AT_A_TIME = 16
const ROUNDS = 12
/** Rounds in which caches and compiled code still grow. */
const WARM_UP_ROUNDS = 4
/** Idle sessions of scripts and idle workers end with separate timers. */
const SETTLE_MS = 5_000
const SLOW_MS = 120_000
/** Variation of the heap between two collections without a leak, per call of 100,000 and in total. */
const MAX_BYTES_PER_CALL = 20
const MAX_HEAP_GROWTH = 3e6
const MAX_DESCRIPTOR_GROWTH = 8
/** Killed commands and idle workers start again when they are needed. */
const MAX_PROCESS_GROWTH = 2
const MAX_SHOWN = 50

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '20' }, calls: { type: 'string', default: 'Infinity' } },
})
const durationMs = Number(values.minutes) * 60_000
const maxCalls = Number(values.calls)
if (!(durationMs > 0) || !(maxCalls > 0)) throw new Error('Usage: npm run soak -- [--minutes N] [--calls N]')

const port = debuggerPort()
const upstream = await startPeer('upstream')
const faulty = await startFaultyUpstream()
const control: { close(): void }[] = []
const problems: string[] = []
const tools = await startScriptedUpstream({
  tools: [tool('echo')],
  call: () => ({ content: [{ type: 'text', text: 'x'.repeat(512) }] }),
})
const engine = await startEngineProcess([`--inspect=127.0.0.1:${port}`])
try {
  const target = await connect(engine)
  const heap = await openEngineHeap(port)
  const faults = createFaults(engine, upstream, join(engine.home, 'documents', 'sales.sqlite'))
  const statuses = new Map<string, Map<number, number>>()
  const samples: Sample[] = []
  let calls = 0
  const started = performance.now()
  for (let round = 1; round <= ROUNDS; round += 1) {
    const until = started + (durationMs * round) / ROUNDS
    const last = Math.round((maxCalls * round) / ROUNDS)
    const calm = new AbortController()
    const faulting = faults.run(calm.signal)
    await Promise.all(
      Array.from({ length: AT_A_TIME }, async () => {
        while (performance.now() < until && calls < last) await callOnce((calls += 1))
      }),
    )
    calm.abort()
    await faulting
    await new Promise((resolve) => setTimeout(resolve, Math.min(SETTLE_MS, durationMs / ROUNDS / 4)))
    const sample = await measure(calls, await heap.usedAfterCollection())
    samples.push(sample)
    console.log(lineOf(sample))
  }
  heap.close()
  await target.pool.close()
  for (const each of control) each.close()
  console.table(Object.fromEntries([...statuses].map(([name, counts]) => [name, Object.fromEntries(counts)])))
  console.log(`Faults: ${[...faults.counts].map(([name, count]) => `${name} ${count}×`).join(', ')}.`)
  console.log(await engine.hallpass('logs', 'verify'))
  await engine.end()
  problems.push(...checkLog(engine.home, target.ledger))
  const leaks = filesWith(engine.home, CANARY)
  if (leaks.length > 0) problems.push(`the key of the upstreams is in ${leaks.join(', ')}`)
  report(samples)

  async function callOnce(turn: number): Promise<void> {
    const names = Object.keys(CALL_KINDS)
    const name = names[turn % names.length] ?? ''
    const status =
      (await CALL_KINDS[name]?.(target, turn).catch((error: unknown) => {
        problems.push(`${name}: ${String(error)}`)
        return -1
      })) ?? 0
    const counts = statuses.get(name) ?? new Map<number, number>()
    statuses.set(name, counts.set(status, (counts.get(status) ?? 0) + 1))
  }
} finally {
  upstream.stop()
  faulty.close()
  await engine.stop()
  await tools.close()
}

async function connect({ hallpass, hallpassWith, url, home }: EngineProcess): Promise<CallTarget> {
  const http = ['create', 'connection', '-p', 'demo', '--type', 'http', '--auth', 'bearer', '--secret-stdin']
  const create = (name: string, ...flags: string[]): Promise<string> => hallpassWith(CANARY, ...http, name, ...flags)
  await create('api', '--url', upstream.origin)
  await create('faulty', '--url', faulty.url, '--timeout', '5s')
  await create('broken', '--url', faulty.url)
  // It must respond once, when the connection is created.
  const closing = await startPeer('upstream')
  await create('gone', '--url', closing.origin)
  closing.stop()
  const mcp = ['create', 'connection', '-p', 'demo', '--type', 'mcp']
  await hallpass(...mcp, 'web', '--url', tools.url)
  const script = join(import.meta.dirname, '..', 'stdio-upstream.ts')
  await hallpass(...mcp, 'local', '--command', process.execPath, '--arg', script)
  const accessToken = await hallpass('create', 'token', 'soak', '-p', 'demo', '--clone', '--rate', 'none')
  const mint = async (connection: string, permissions: string[]): Promise<string> => {
    const reply = await fetch(`${url}/api/v1/sessions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      body: JSON.stringify({ connection, permissions, ttl_seconds: 86_400 }),
    })
    const { token } = (await reply.json()) as { token?: string }
    if (token === undefined) throw new Error(`No session token for ${connection} (HTTP ${reply.status}).`)
    return token
  }
  const greeting = await fetch(`${url}/projects/demo/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 0,
      method: 'initialize',
      params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'soak', version: '1' } },
    }),
  })
  await greeting.text()
  await hallpass('create', 'token', 'soak-local', '-p', 'demo', '--clone', '--local', '--rate', 'none')
  const owner = await connectControl({ home })
  const stream = await owner.openStream('demo', 'soak-local')
  control.push({
    close() {
      stream.destroy()
      owner.close()
    },
  })
  const browser = await connectConsole((await owner.api.console.signInLink()).url)
  const ledger: Ledger = { logged: 0, left: 0, strangers: 0, stdio: 0 }
  return {
    url,
    ledger,
    overStdio: await startStdioClient(stream),
    owner: () => owner.api.status(),
    browser() {
      // The client stores every response for tests that search for secrets.
      if (browser.heard.length > 100) browser.heard.length = 0
      return browser.api.status()
    },
    faulty: await mint('faulty', ['read', 'write']),
    broken: await mint('broken', ['read', 'write']),
    // On a busy computer everything can take long, which isn't a fault of the engine.
    pool: new Pool(url, { connections: AT_A_TIME, connect: { timeout: SLOW_MS }, headersTimeout: SLOW_MS }),
    accessToken,
    api: await mint('api', ['read', 'write']),
    gone: await mint('gone', ['read']),
    document: await mint('sales', ['read', 'write']),
    mcpSession: greeting.headers.get('mcp-session-id') ?? '',
  }
}

async function measure(calls: number, heapBytes: number): Promise<Sample> {
  const [descriptors, children, resident] = await Promise.all([
    readdir(`/proc/${engine.pid}/fd`),
    engine.processes(),
    engine.residentBytes(),
  ])
  return {
    calls,
    heapBytes,
    descriptors: descriptors.length,
    processes: children,
    residentBytes: resident.all,
  }
}

function lineOf({ calls, heapBytes, descriptors, processes, residentBytes }: Sample): string {
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1)
  return (
    `${String(calls).padStart(8)} calls: heap ${megabytes(heapBytes)} MB, ${descriptors} descriptors, ` +
    `${processes} processes, ${megabytes(residentBytes)} MB resident`
  )
}

/** Returns the bytes per call, by least squares over the samples after the warm-up. */
function slopeOf(samples: readonly Sample[]): number {
  const mean = (of: (sample: Sample) => number): number =>
    samples.reduce((sum, one) => sum + of(one), 0) / samples.length
  const calls = mean((one) => one.calls)
  const heap = mean((one) => one.heapBytes)
  const spread = samples.reduce((sum, one) => sum + (one.calls - calls) ** 2, 0)
  return spread === 0 ? 0 : samples.reduce((sum, one) => sum + (one.calls - calls) * (one.heapBytes - heap), 0) / spread
}

function report(samples: readonly Sample[]): void {
  const steady = samples.slice(WARM_UP_ROUNDS)
  const [first, last] = [steady[0], steady.at(-1)]
  if (first === undefined || last === undefined) return
  const slope = slopeOf(steady)
  const grown = slope * (last.calls - first.calls)
  if (slope > MAX_BYTES_PER_CALL && grown > MAX_HEAP_GROWTH)
    problems.push(`the heap grows by ${slope.toFixed(1)} bytes per call (${(grown / 1e6).toFixed(1)} MB)`)
  if (last.descriptors > first.descriptors + MAX_DESCRIPTOR_GROWTH)
    problems.push(`descriptors grew from ${first.descriptors} to ${last.descriptors}`)
  if (last.processes > first.processes + MAX_PROCESS_GROWTH)
    problems.push(`processes grew from ${first.processes} to ${last.processes}`)
  console.log(`After the warm-up: ${slope.toFixed(1)} bytes per call over ${last.calls - first.calls} calls.`)
  if (problems.length === 0) return console.log('Flat, and every request has its row.')
  for (const problem of problems.slice(0, MAX_SHOWN)) console.error(`Problem: ${problem}.`)
  process.exitCode = 1
}
