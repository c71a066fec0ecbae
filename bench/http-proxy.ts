/** Requests forwarded to an HTTP API, beside the same request sent directly and through a bare proxy, in turns in the same run. */
import { Pool } from 'undici'
import { startEngineProcess } from './engine-process.ts'
import { startPeer } from './http-peers.ts'

const ROUNDS = 5
const SECONDS = 1.5

interface Way {
  origin: string
  path: string
  headers: Record<string, string>
  cpuMs?: () => Promise<number>
}
interface Measured {
  times: number[]
  cpuMs: number
  spentMs: number
}

async function round(way: Way, connections: number, into: Measured): Promise<void> {
  const pool = new Pool(way.origin, { connections })
  const cpuBefore = (await way.cpuMs?.()) ?? 0
  const begun = performance.now()
  const end = begun + SECONDS * 1000
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const started = performance.now()
        const reply = await pool.request({ method: 'GET', path: way.path, headers: way.headers })
        await reply.body.dump()
        if (reply.statusCode !== 200) throw new Error(`${way.origin}${way.path} answered ${reply.statusCode}`)
        into.times.push(performance.now() - started)
      }
    }),
  )
  into.spentMs += performance.now() - begun
  into.cpuMs += ((await way.cpuMs?.()) ?? 0) - cpuBefore
  await pool.close()
}

function at(times: readonly number[], share: number): number {
  return times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
}

async function measure(ways: Record<string, Way>, connections: number) {
  const measured = Object.fromEntries(
    Object.keys(ways).map((name) => [name, { times: [], cpuMs: 0, spentMs: 0 } as Measured]),
  )
  for (const [name, way] of Object.entries(ways))
    await round(way, connections, { ...measured[name], times: [], cpuMs: 0, spentMs: 0 })
  for (let n = 0; n < ROUNDS; n += 1)
    for (const [name, way] of Object.entries(ways)) await round(way, connections, measured[name] as Measured)
  const rows = Object.entries(measured).map(([name, { times, cpuMs, spentMs }]) => {
    times.sort((a, b) => a - b)
    return [
      name,
      {
        'req/s': Math.round((times.length * 1000) / spentMs),
        'median ms': Number(at(times, 0.5).toFixed(3)),
        'p99 ms': Number(at(times, 0.99).toFixed(2)),
        'CPU µs/req': cpuMs === 0 ? null : Math.round((cpuMs * 1000) / times.length),
      },
    ] as const
  })
  const direct = rows[0]?.[1]['median ms'] ?? 0
  return Object.fromEntries(
    rows.map(([name, row]) => [name, { ...row, 'adds ms': Number((row['median ms'] - direct).toFixed(3)) }]),
  )
}

export async function measureHttpProxy() {
  const upstream = await startPeer('upstream')
  const proxy = await startPeer('proxy', upstream.origin)
  process.env['BENCH_UPSTREAM_KEY'] = 'bench-key-of-the-upstream'
  const engine = await startEngineProcess()
  try {
    await engine.hallpass(
      'create',
      'connection',
      'api',
      '-p',
      'demo',
      '--type',
      'http',
      '--url',
      upstream.origin,
      '--auth',
      'bearer',
      '--secret-ref',
      'env:BENCH_UPSTREAM_KEY',
    )
    const token = await engine.hallpass(
      'create',
      'token',
      'bench',
      '-p',
      'demo',
      '--bind',
      'role:viewer,connection:api',
      '--rate',
      'none',
    )
    const minted = await fetch(`${engine.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ connection: 'api', permissions: ['read'], ttl_seconds: 3600 }),
    })
    const session = ((await minted.json()) as { token: string }).token
    const ways: Record<string, Way> = {
      direct: { origin: upstream.origin, path: '/listings', headers: { authorization: 'Bearer x' } },
      'bare node:http + undici': {
        origin: proxy.origin,
        path: '/listings',
        headers: { authorization: 'Bearer x' },
        cpuMs: proxy.cpuMs,
      },
      'Hallpass, http connection': {
        origin: engine.url,
        path: '/api/v1/http/api/listings',
        headers: { authorization: `Bearer ${session}` },
        cpuMs: engine.cpuMs,
      },
    }
    return { one: await measure(ways, 1), sixteen: await measure(ways, 16) }
  } finally {
    upstream.stop()
    proxy.stop()
    await engine.stop()
  }
}

if (import.meta.main) {
  const { one, sixteen } = await measureHttpProxy()
  console.log('One request at a time')
  console.table(one)
  console.log('16 connections')
  console.table(sixteen)
}
