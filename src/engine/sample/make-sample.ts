import { randomUUID } from 'node:crypto'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Access } from '../access/access.ts'
import type { Clock } from '../clock.ts'
import { documentsFolder } from '../connections/connectors.ts'
import { createSqliteConnector, type SqliteConnectorOptions } from '../documents/sqlite/create-sqlite-connector.ts'
import type { StartWorker } from '../documents/sqlite/worker-process.ts'
import type { Store } from '../store/store.ts'
import { sampleTables } from './sample-data.ts'

export const SAMPLE = { project: 'demo', document: 'sales', token: 'local-agent' } as const
const BEGUN = 'sample_begun'
const MADE = 'sample_made'

/**
 * Creates project `demo` with the SQLite document `sales` and a local token at the very first start. Only once: if the
 * owner deletes it, it doesn't come back.
 */
export async function makeSample(parts: {
  store: Store
  access: Access
  clock: Clock
  home: string
  startWorker?: StartWorker | undefined
}): Promise<typeof SAMPLE | null> {
  const { store, access, clock, home, startWorker } = parts
  if (store.read.setting(MADE) !== null) return store.read.project(SAMPLE.project) === null ? null : SAMPLE
  if (store.read.setting(BEGUN) === null && store.read.projects().length > 0) return null
  store.write.setSetting(BEGUN, new Date(clock.now()).toISOString())
  clearIncomplete(store)
  const folder = documentsFolder(home)
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'sales.sqlite')
  // Without the mark, an existing file is left from an interrupted first start.
  for (const suffix of ['', '-wal', '-shm']) rmSync(path + suffix, { force: true })
  await fillDocument({ path, create: true, clock, ...(startWorker === undefined ? {} : { startWorker }) })
  const now = clock.now()
  const project = store.write.createProject(SAMPLE.project, now)
  const connection = store.write.createConnection({
    name: SAMPLE.document,
    kind: 'sqlite',
    config: { path },
    secret_location: null,
    secret_account: randomUUID(),
    created_at: now,
  })
  store.write.include(project.id, connection.id)
  await access.createToken({
    project: SAMPLE.project,
    name: SAMPLE.token,
    kind: 'local',
    ttl: 'never',
    grants: [{ connection: SAMPLE.document, permissions: ['read', 'write'] }],
  })
  store.write.setSetting(MADE, new Date(now).toISOString())
  return SAMPLE
}

/** A first start that was killed never served anything, so everything it left belongs to Hallpass, not to the owner. */
function clearIncomplete(store: Store): void {
  const project = store.read.project(SAMPLE.project)
  if (project !== null) store.write.deleteProject(project.id)
  const connection = store.read.connection(SAMPLE.document)
  if (connection !== null) store.write.deleteConnection(connection.id)
}

async function fillDocument(options: SqliteConnectorOptions): Promise<void> {
  const connector = createSqliteConnector(options)
  const context = {
    signal: AbortSignal.timeout(30_000),
    secret: () => Promise.reject(new Error('a local file has no secret')),
  }
  try {
    for (const table of sampleTables()) {
      await connector.call('create_table', { table_id: table.id, columns: table.columns }, context)
      await connector.call('add_records', { table: table.id, records: table.records }, context)
    }
  } finally {
    await connector.close()
  }
}
