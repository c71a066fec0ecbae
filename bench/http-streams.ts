/**
 * A million records into the sample document and out again, over plain HTTP with a session token, beside a bare
 * better-sqlite3 loop that does the same inserts and reads in the same run. `node bench/http-streams.ts [records]`
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import Database from 'better-sqlite3'
import { type EngineProcess, startEngineProcess } from './engine-process.ts'

const COLUMNS = ['Customer', 'Product', 'Quantity', 'Amount', 'Ordered', 'Status'] as const

function order(index: number) {
  return {
    Customer: 1 + (index % 64),
    Product: 1 + (index % 20),
    Quantity: 1 + (index % 12),
    Amount: (index % 900) + 0.5,
    Ordered: 1_735_689_600 + (index % 680) * 86_400,
    Status: 'open',
  }
}

function* ndjson(records: number): Generator<Buffer> {
  let text = ''
  for (let index = 0; index < records; index++) {
    text += `${JSON.stringify(order(index))}\n`
    if (text.length >= 65_536) {
      yield Buffer.from(text)
      text = ''
    }
  }
  if (text !== '') yield Buffer.from(text)
}

/** Returns the records per second of a prepared insert in one transaction, in a separate file, and of reading them back as JSON. */
function bareLoop(records: number): { into: number; out: number } {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-bare-'))
  try {
    const database = new Database(join(folder, 'bare.sqlite'))
    database.pragma('journal_mode = WAL')
    database.exec(
      `create table Orders (id integer primary key, Customer integer, Product integer, Quantity integer, Amount numeric, Ordered integer, Status text)`,
    )
    const insert = database.prepare(`insert into Orders (${COLUMNS.join(', ')}) values (?, ?, ?, ?, ?, ?)`)
    const started = performance.now()
    database.transaction(() => {
      for (let index = 0; index < records; index++) {
        const row = order(index)
        insert.run(row.Customer, row.Product, row.Quantity, row.Amount, row.Ordered, row.Status)
      }
    })()
    const inserted = performance.now()
    let bytes = 0
    for (const row of database.prepare('select * from Orders').iterate()) bytes += JSON.stringify(row).length
    const read = performance.now()
    database.close()
    if (bytes === 0) throw new Error('no record was read')
    return { into: records / ((inserted - started) / 1000), out: records / ((read - inserted) / 1000) }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function send(
  url: string,
  token: string,
  headers: Record<string, string>,
  body: Readable | string,
): Promise<{ bytes: number; lines: number; tail: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      url,
      { method: 'POST', headers: { authorization: `Bearer ${token}`, ...headers } },
      (response) => {
        let bytes = 0
        let lines = 0
        let tail = ''
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++
          tail = (tail + chunk.toString('latin1')).slice(-300)
        })
        response.on('end', () => resolve({ bytes, lines, tail }))
        response.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    if (typeof body === 'string') outgoing.end(body)
    else body.pipe(outgoing)
  })
}

/** Runs `work` and samples resident memory. Returns the highest growth in bytes, without and with the workers. */
async function growthDuring(
  engine: EngineProcess,
  work: () => Promise<void>,
): Promise<{ engine: number; all: number }> {
  const before = await engine.residentBytes()
  const highest = { ...before }
  const sample = async (): Promise<void> => {
    const now = await engine.residentBytes()
    highest.engine = Math.max(highest.engine, now.engine)
    highest.all = Math.max(highest.all, now.all)
  }
  const timer = setInterval(() => void sample(), 50)
  await work()
  clearInterval(timer)
  await sample()
  return { engine: highest.engine - before.engine, all: highest.all - before.all }
}

const megabytes = (bytes: number): number => Math.round(bytes / 1e6)

export async function measureHttpStreams(records: number) {
  const engine = await startEngineProcess()
  try {
    await new Promise((resolve) => setTimeout(resolve, 500))
    const idle = await engine.residentBytes()
    const token = await engine.hallpass(
      'session',
      '-p',
      'demo',
      '--document',
      'sales',
      '--permissions',
      'read,write',
      '--ttl',
      '30m',
    )
    const proxy = `${engine.url}/api/v1/proxy`
    const bare = bareLoop(records)
    // A small stream starts the workers first, so that only the million records count as growth.
    const load = `${proxy}?method=add_records&table=Orders`
    const ndjsonType = { 'content-type': 'application/x-ndjson' }
    const readAll = JSON.stringify({ method: 'get_records', table: 'Orders' })
    const asStream = { 'content-type': 'application/json', accept: 'application/x-ndjson' }
    await send(load, token, ndjsonType, Readable.from(ndjson(1000)))
    await send(proxy, token, asStream, readAll)
    let inMs = 0
    const growthIn = await growthDuring(engine, async () => {
      const started = performance.now()
      const reply = await send(load, token, ndjsonType, Readable.from(ndjson(records)))
      inMs = performance.now() - started
      if (!reply.tail.includes(`"added":${records}`)) throw new Error(`the load failed: ${reply.tail}`)
    })
    let outMs = 0
    const growthOut = await growthDuring(engine, async () => {
      const started = performance.now()
      const reply = await send(proxy, token, asStream, readAll)
      outMs = performance.now() - started
      if (reply.lines < records) throw new Error(`only ${reply.lines} of ${records} records came back: ${reply.tail}`)
    })
    const inRate = records / (inMs / 1000)
    const outRate = records / (outMs / 1000)
    return {
      'ready after (ms)': Math.round(engine.startMs),
      'idle resident (MB)': megabytes(idle.engine),
      'bare loop in (records/s)': Math.round(bare.into),
      'in over HTTP (records/s)': Math.round(inRate),
      'in, share of bare': `${Math.round((inRate / bare.into) * 100)} %`,
      'in, engine growth (MB)': megabytes(growthIn.engine),
      'in, growth with workers (MB)': megabytes(growthIn.all),
      'bare loop out (records/s)': Math.round(bare.out),
      'out over HTTP (records/s)': Math.round(outRate),
      'out, share of bare': `${Math.round((outRate / bare.out) * 100)} %`,
      'out, engine growth (MB)': megabytes(growthOut.engine),
      'out, growth with workers (MB)': megabytes(growthOut.all),
    }
  } finally {
    await engine.stop()
  }
}

if (import.meta.main) console.table(await measureHttpStreams(Number(process.argv[2] ?? 1_000_000)))
