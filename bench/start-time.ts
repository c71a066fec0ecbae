/** Measures the milliseconds from starting a process to its first response: the engine, also with a large log, and `hallpass stdio`. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fillLog } from '../tests/support/fill-log.ts'
import { startEngineProcess, type EngineProcess } from './engine-process.ts'

const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'bench', version: '1' } },
}

type Row = { 'median ms': number; 'CPU ms': number | null }

export async function measureStart(rounds: number, rows: number): Promise<Record<string, Row>> {
  const home = mkdtempSync(join(tmpdir(), 'hallpass-start-'))
  try {
    const first = await startEngineProcess([], home)
    const token = await first.hallpass('create', 'token', 'bench', '-p', 'demo', '--clone')
    await first.hallpass('create', 'token', 'local', '-p', 'demo', '--clone', '--local')
    const overStdio = await median(rounds, async () => ({ ms: await stdioStart(first), cpu: null }))
    await first.end()
    const start = (): Promise<{ ms: number; cpu: number }> => engineStart(home, token)
    const small = await median(rounds, start)
    fillLog(home, rows)
    return {
      'serve, few rows in its log': small,
      [`serve, ${rows} rows in its log`]: await median(rounds, start),
      'stdio, engine running': overStdio,
    }
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function engineStart(home: string, token: string): Promise<{ ms: number; cpu: number }> {
  const started = performance.now()
  const engine = await startEngineProcess([], home)
  const reply = await fetch(`${engine.url}/projects/demo/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: JSON.stringify(INITIALIZE),
  })
  await reply.text()
  const ms = performance.now() - started
  if (reply.status !== 200) throw new Error(`initialize: HTTP ${reply.status}`)
  const cpu = await engine.cpuMs()
  await engine.end()
  return { ms, cpu }
}

async function stdioStart({ launcher, environment }: EngineProcess): Promise<number> {
  const started = performance.now()
  const child = spawn(process.execPath, [launcher, 'stdio', '--project', 'demo', '--as', 'local'], {
    env: environment,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  child.stdin.write(`${JSON.stringify(INITIALIZE)}\n`)
  await once(createInterface({ input: child.stdout }), 'line')
  const ms = performance.now() - started
  child.stdin.end()
  await once(child, 'exit')
  return ms
}

async function median(rounds: number, measureOnce: () => Promise<{ ms: number; cpu: number | null }>): Promise<Row> {
  const all: { ms: number; cpu: number | null }[] = []
  for (let round = 0; round < rounds; round += 1) all.push(await measureOnce())
  const middle = all.toSorted((one, other) => one.ms - other.ms)[all.length >> 1]
  return { 'median ms': Math.round(middle?.ms ?? 0), 'CPU ms': middle?.cpu ?? null }
}
