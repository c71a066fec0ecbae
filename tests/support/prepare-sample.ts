import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { startEngine } from '../../src/engine/index.ts'
import { startBuiltWorker } from './built-worker.ts'
import { prepareHome, TEST_VAULT_KEY } from './prepare-home.ts'

const DOCUMENT = 'documents/sales.sqlite'
const TABLES = ['projects', 'connections', 'inclusions', 'tokens', 'grants', 'settings']

type Row = Record<string, string | number | null>

/** What the first start of an engine creates. */
interface Sample {
  rows: { table: string; row: Row }[]
  document: Buffer
}

let sample: Promise<Sample> | undefined

/**
 * Puts the sample project and its document into a data folder with a database without rows, as if an engine had created
 * them there now. Each engine would start a process for that.
 */
export async function prepareSample(home: string, now: number): Promise<void> {
  sample ??= createSample()
  const { rows, document } = await sample
  const path = join(home, DOCUMENT)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  writeFileSync(path, document, { mode: 0o600 })
  const database = new SqliteDatabase(join(home, 'hallpass.db'))
  // The folder doesn't outlive the test.
  database.pragma('synchronous = OFF')
  database.transaction(() => {
    for (const { table, row } of rows) {
      const own: Row = { ...row }
      if ('created_at' in own) own['created_at'] = now
      if (table === 'settings') own['value'] = new Date(now).toISOString()
      if (table === 'connections')
        Object.assign(own, { config: JSON.stringify({ path }), secret_account: randomUUID() })
      const names = Object.keys(own)
      database
        .prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map(() => '?').join()})`)
        .run(Object.values(own))
    }
  })()
  database.close()
}

async function createSample(): Promise<Sample> {
  const home = mkdtempSync(join(tmpdir(), 'hallpass-first-'))
  await prepareHome(home)
  const engine = await startEngine({
    home,
    port: 0,
    vaultKey: TEST_VAULT_KEY,
    logLevel: 'silent',
    startWorker: startBuiltWorker,
  })
  await engine.stop()
  const database = new SqliteDatabase(join(home, 'hallpass.db'))
  const rows = TABLES.flatMap((table) =>
    database
      .prepare<[], Row>(`SELECT * FROM ${table}`)
      .all()
      .filter((row) => table !== 'settings' || String(row['key']).startsWith('sample_'))
      .map((row) => ({ table, row })),
  )
  database.close()
  const document = readFileSync(join(home, DOCUMENT))
  rmSync(home, { recursive: true })
  return { rows, document }
}
