import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createHash } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { onTestFinished } from 'vitest'
import type { DocumentMethod } from '../../../src/contract/methods/document-methods.ts'
import { systemClock } from '../../../src/engine/clock.ts'
import type { CallContext, DocumentConnector, RecordStream } from '../../../src/engine/documents/document-connector.ts'
import {
  createSqliteConnector,
  type SqliteConnectorOptions,
} from '../../../src/engine/documents/sqlite/create-sqlite-connector.ts'
import type { WorkerProcess } from '../../../src/engine/documents/sqlite/worker-process.ts'
import type { TestClock } from '../../support/test-clock.ts'
import { until } from '../../support/until.ts'
import { startBuiltWorker } from '../../support/built-worker.ts'

export function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'hallpass-sqlite-'))
  onTestFinished(() => rmSync(path, { recursive: true, force: true }))
  return path
}

/** A file as another program would make it. */
export function foreignFile(sql: string, path = join(folder(), 'document.db')): string {
  const db = new Database(path)
  db.exec(sql)
  db.close()
  return path
}

export interface Document {
  connector: DocumentConnector
  path: string
  call(method: DocumentMethod, fields?: object, signal?: AbortSignal): Promise<any>
  /** Every worker that was started for it. */
  workers: WorkerProcess[]
}

export function openDocument(options: Partial<SqliteConnectorOptions> = {}): Document {
  const path = options.path ?? join(folder(), 'document.db')
  const workers: WorkerProcess[] = []
  const connector = createSqliteConnector({
    create: options.path === undefined,
    clock: systemClock,
    startWorker(document) {
      const worker = startBuiltWorker(document)
      workers.push(worker)
      return worker
    },
    ...options,
    path,
  })
  onTestFinished(() => connector.close())
  return {
    connector,
    path,
    workers,
    call: (method, fields = {}, signal) => connector.call(method, fields as never, contextOf(signal)),
  }
}

export function contextOf(signal = new AbortController().signal): CallContext {
  return { signal, secret: () => Promise.reject(new Error('SQLite needs no secret.')) }
}

export async function* linesOf(...lines: unknown[]): AsyncIterable<Uint8Array> {
  for (const line of lines) yield Buffer.from(`${typeof line === 'string' ? line : JSON.stringify(line)}\n`)
}

export async function collect(stream: RecordStream): Promise<any[]> {
  let text = ''
  for await (const chunk of stream) text += Buffer.from(chunk).toString('utf8')
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as unknown)
}

/** Names and contents of all files of a folder. SQLite's shared-memory index is left out: readers mark their place in it. */
export function folderHash(path: string): string {
  const hash = createHash('sha256')
  for (const name of readdirSync(path).toSorted())
    if (!name.endsWith('-shm')) hash.update(`${name}\0`).update(readFileSync(join(path, name)))
  return hash.digest('hex')
}

/** Lets time pass, in steps, until a call that would never end has failed. Returns its error. */
export async function errorInTime(clock: TestClock, stepMs: number, call: Promise<unknown>): Promise<unknown> {
  let settled = false
  const result = call.catch((error: unknown) => error).finally(() => (settled = true))
  // Not at once: the time of a query begins when its worker has started.
  await until('the call has ended', () => {
    clock.advance(stepMs)
    return settled
  })
  return result
}

export const RUNAWAY = 'WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT count(*) FROM c'
