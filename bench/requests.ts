/** Small proxy requests over kept-alive connections, beside a bare node:http server that answers a like body. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Pool } from 'undici'
import { startEngineProcess } from './engine-process.ts'

const CONNECTIONS = 16
const SECONDS = 5

async function load(
  origin: string,
  path: string,
  headers: Record<string, string>,
  body: string,
): Promise<{ rate: number; medianMs: number }> {
  const pool = new Pool(origin, { connections: CONNECTIONS })
  const times: number[] = []
  const end = performance.now() + SECONDS * 1000
  await Promise.all(
    Array.from({ length: CONNECTIONS }, async () => {
      while (performance.now() < end) {
        const started = performance.now()
        const reply = await pool.request({ method: 'POST', path, headers, body })
        await reply.body.dump()
        if (reply.statusCode !== 200) throw new Error(`${path} answered ${reply.statusCode}`)
        times.push(performance.now() - started)
      }
    }),
  )
  await pool.close()
  times.sort((a, b) => a - b)
  return { rate: Math.round(times.length / SECONDS), medianMs: Number((times[times.length >> 1] ?? 0).toFixed(2)) }
}

export async function measureRequests() {
  const body = JSON.stringify({ method: 'list_tables' })
  const json = { 'content-type': 'application/json' }
  const bare = createServer((incoming, response) => {
    incoming
      .resume()
      .on('end', () =>
        response.setHeader('content-type', 'application/json').end('{"success":true,"data":{"tables":["A"]}}'),
      )
  })
  await new Promise<void>((resolve) => void bare.listen(0, '127.0.0.1', resolve))
  const engine = await startEngineProcess()
  try {
    const token = await engine.hallpass(
      'create',
      'token',
      'bench',
      '-p',
      'demo',
      '--bind',
      'role:viewer,connection:sales',
      '--rate',
      'none',
    )
    const minted = await fetch(`${engine.url}/api/v1/sessions`, {
      method: 'POST',
      headers: { ...json, authorization: `Bearer ${token}` },
      body: JSON.stringify({ document: 'sales', permissions: ['read'] }),
    })
    const session = ((await minted.json()) as { token: string }).token
    const peer = await load(`http://127.0.0.1:${(bare.address() as AddressInfo).port}`, '/', json, body)
    const cpuBefore = await engine.cpuMs()
    const ours = await load(engine.url, '/api/v1/proxy', { ...json, authorization: `Bearer ${session}` }, body)
    const cpu = (await engine.cpuMs()) - cpuBefore
    return {
      'bare node:http': { 'req/s': peer.rate, 'median ms': peer.medianMs, 'CPU µs/req': null },
      'Hallpass, list_tables of SQLite': {
        'req/s': ours.rate,
        'median ms': ours.medianMs,
        'CPU µs/req': Math.round((cpu * 1000) / (ours.rate * SECONDS)),
      },
    }
  } finally {
    bare.close()
    await engine.stop()
  }
}

if (import.meta.main) console.table(await measureRequests())
