import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import Database from 'better-sqlite3'
import { systemClock } from '../src/engine/clock.ts'
import type { CallContext, DocumentConnector } from '../src/engine/documents/document-connector.ts'
import { createSqliteConnector } from '../src/engine/documents/sqlite/create-sqlite-connector.ts'

interface StreamRate {
  name: string
  records: number
  seconds: number
  perSecond: number
  /** Rate as a share of the bare loop's in the same direction. */
  share: number
  /** Highest growth of resident memory of the engine and its workers; null for the bare loop. */
  grownBytes: number | null
}

const CHUNK_BYTES = 64 * 1024

/** One record of the load: 5 columns, about 100 bytes of JSON. */
function benchRecord(n: number): { Name: string; Amount: number; Count: number; Paid: boolean; Note: string } {
  return { Name: `Customer ${n}`, Amount: n * 1.25, Count: n % 1000, Paid: n % 2 === 0, Note: 'a note of some length' }
}

/** Yields the same records as NDJSON, generated while they are read, in chunks of the size that sockets use. */
async function* benchLines(records: number): AsyncIterable<Uint8Array> {
  let text = ''
  for (let n = 1; n <= records; n += 1) {
    text += `${JSON.stringify(benchRecord(n))}\n`
    if (text.length < CHUNK_BYTES) continue
    yield Buffer.from(text)
    text = ''
  }
  if (text !== '') yield Buffer.from(text)
}

/**
 * Loads and reads back `records` records: a bare better-sqlite3 loop (prepared, one transaction) beside the connector's
 * NDJSON streams. Generating the NDJSON counts toward the connector's time.
 */
async function measureStreams(records = 1_000_000): Promise<StreamRate[]> {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-bench-'))
  const connector = createSqliteConnector({ path: join(folder, 'streams.db'), create: true, clock: systemClock })
  try {
    const bare = bareLoop(join(folder, 'bare.db'), records)
    const context: CallContext = {
      signal: new AbortController().signal,
      secret: () => Promise.reject(new Error('SQLite needs no secret.')),
    }
    const type = { Name: 'Text', Amount: 'Numeric', Count: 'Int', Paid: 'Bool', Note: 'Text' }
    const columns = Object.entries(type).map(([id, column]) => ({ id, type: column }))
    for (const table_id of ['Warm', 'Rows']) await connector.call('create_table', { table_id, columns }, context)
    await load(connector, context, 'Warm', 20_000)
    await readBack(connector, context, 'Warm')
    const into = await measured('connector, NDJSON in', records, bare.into, () =>
      load(connector, context, 'Rows', records),
    )
    const out = await measured('connector, NDJSON out', records, bare.out, () => readBack(connector, context, 'Rows'))
    return [
      rate('bare loop, in', records, bare.into, bare.into, null),
      into,
      rate('bare loop, out', records, bare.out, bare.out, null),
      out,
    ]
  } finally {
    await connector.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

function bareLoop(path: string, records: number): { into: number; out: number } {
  const db = new Database(path)
  db.pragma('journal_mode = WAL')
  db.pragma('synchronous = NORMAL')
  db.exec(
    'CREATE TABLE Rows (id INTEGER PRIMARY KEY, Name TEXT, Amount NUMERIC, "Count" INTEGER, Paid BOOLEAN, Note TEXT)',
  )
  const insert = db.prepare('INSERT INTO Rows (Name, Amount, "Count", Paid, Note) VALUES (?, ?, ?, ?, ?)')
  const into = seconds(() => {
    db.transaction(() => {
      for (let n = 1; n <= records; n += 1) {
        const { Name, Amount, Count, Paid, Note } = benchRecord(n)
        insert.run(Name, Amount, Count, Number(Paid), Note)
      }
    })()
  })
  const out = seconds(() => {
    let bytes = 0
    for (const row of db.prepare('SELECT * FROM Rows').iterate()) bytes += JSON.stringify(row).length
    return bytes
  })
  db.close()
  return { into, out }
}

async function load(
  connector: DocumentConnector,
  context: CallContext,
  table: string,
  records: number,
): Promise<number> {
  let stored = 0
  for await (const progress of connector.writeStream({ method: 'add_records', table }, benchLines(records), context))
    stored = progress.stored
  return stored
}

async function readBack(connector: DocumentConnector, context: CallContext, table: string): Promise<number> {
  const stream = await connector.openReadStream('get_records', { table }, context)
  let lines = 0
  for await (const chunk of stream)
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines += 1
  return lines
}

async function measured(
  name: string,
  records: number,
  bareSeconds: number,
  run: () => Promise<number>,
): Promise<StreamRate> {
  const before = residentBytes()
  let highest = before
  const sampler = setInterval(() => {
    highest = Math.max(highest, residentBytes())
  }, 100)
  const started = performance.now()
  const done = await run()
  const took = (performance.now() - started) / 1000
  clearInterval(sampler)
  if (done !== records) throw new Error(`${name}: ${done} of ${records} records`)
  return rate(name, records, took, bareSeconds, Math.max(highest, residentBytes()) - before)
}

/** Returns the resident memory of this process and, where /proc exists, of its children. */
function residentBytes(): number {
  let total = process.memoryUsage.rss()
  if (process.platform !== 'linux') return total
  for (const thread of readdirSync('/proc/self/task')) {
    for (const child of readFileSync(`/proc/self/task/${thread}/children`, 'utf8').split(' ').filter(Boolean)) {
      try {
        total += Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child}/status`, 'utf8'))?.[1] ?? 0) * 1024
      } catch (error) {
        // A child that has just ended uses no memory.
        if (!(error instanceof Error && 'code' in error)) throw error
      }
    }
  }
  return total
}

function rate(name: string, records: number, took: number, bareSeconds: number, grownBytes: number | null): StreamRate {
  return { name, records, seconds: took, perSecond: records / took, share: bareSeconds / took, grownBytes }
}

function seconds(run: () => unknown): number {
  const started = performance.now()
  run()
  return (performance.now() - started) / 1000
}

function streamTable(rates: StreamRate[]): string {
  const megabytes = (bytes: number | null): string => (bytes === null ? '' : (bytes / 1024 / 1024).toFixed(0))
  const rows = rates.map(({ name, seconds: took, perSecond, share, grownBytes }) => [
    name,
    took.toFixed(2),
    Math.round(perSecond).toLocaleString('en'),
    `${(share * 100).toFixed(0)} %`,
    megabytes(grownBytes),
  ])
  return [['way', 'seconds', 'records/s', 'of bare', 'memory +MB'], ['---', '---:', '---:', '---:', '---:'], ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const records = Number(process.argv[2] ?? 1_000_000)
  if (!Number.isSafeInteger(records) || records < 1) throw new Error('Usage: node bench/streams.ts [records]')
  console.log(streamTable(await measureStreams(records)))
}
