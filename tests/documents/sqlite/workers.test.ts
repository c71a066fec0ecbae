import { spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { statSync } from 'node:fs'
import type { Duplex } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import type { FromWorker, ToWorker } from '../../../src/engine/documents/sqlite/worker-messages.ts'
import { openWorkerPipe, WORKER_PIPE } from '../../../src/engine/documents/sqlite/worker-pipe.ts'
import type { WorkerProcess } from '../../../src/engine/documents/sqlite/worker-process.ts'
import { contextOf, foreignFile, openDocument } from './documents.ts'
import { startBuiltWorker } from '../../support/built-worker.ts'

const WORKER = fileURLToPath(new URL('../../../src/engine/documents/sqlite/worker/sql-worker.ts', import.meta.url))

describe('a worker that something else ends', () => {
  it.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)(
    'continues after a %s that was meant for the engine, and exits with its channel',
    async (signal) => {
      const path = foreignFile('CREATE TABLE t (a)')
      const { dev, ino } = statSync(path, { bigint: true })
      const child = spawn(process.execPath, [WORKER], { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
      const end = child.stdio[WORKER_PIPE] as Duplex
      const exited = once(child, 'exit')
      const messages: EventEmitter = new EventEmitter()
      const pipe = openWorkerPipe(end, {
        message: (message) => void messages.emit('message', message),
        malformed: (error) => void messages.emit('error', error),
      })
      const ask = async (): Promise<FromWorker> => {
        const answer = once(messages, 'message')
        pipe.send({
          kind: 'job',
          lockMs: 5_000,
          job: {
            kind: 'call',
            call: { method: 'list_tables', fields: {} },
            permission: 'read',
            limits: { rows: 1, bytes: 100 },
          },
        } satisfies ToWorker)
        return (await Promise.race([answer, exited]))[0] as FromWorker
      }
      const opened = once(messages, 'message')
      pipe.send({
        kind: 'open',
        file: { path, device: String(dev), inode: String(ino), owner: '0' },
        created: false,
        memoryBytes: 2 ** 29,
        parent: process.pid,
      } satisfies ToWorker)
      expect((await opened)[0]).toEqual({ kind: 'ready' })
      expect(await ask()).toMatchObject({ kind: 'done', data: '{"tables":["t"]}', records: 0 })
      child.kill(signal)
      expect(await ask()).toMatchObject({ kind: 'done', data: '{"tables":["t"]}', records: 0 })
      end.end()
      expect(await exited).toEqual([0, null])
    },
  )

  it('reports which lines of a load were stored, and never that none were', async () => {
    const workers: WorkerProcess[] = []
    const document = openDocument({
      limits: { batch: 100 },
      startWorker(file) {
        const worker = startBuiltWorker(file)
        workers.push(worker)
        return worker
      },
    })
    await document.call('create_table', { table_id: 'Orders', columns: [{ id: 'N', type: 'Int' }] })
    const held = Promise.withResolvers<undefined>()
    async function* body(): AsyncIterable<Uint8Array> {
      // More than a message to the worker holds, so that it has something to store while the rest is waited for.
      yield Buffer.from(`{"N":1}${' '.repeat(4000)}\n`.repeat(150))
      await held.promise
    }
    const loadSteps = document.connector.writeStream({ method: 'add_records', table: 'Orders' }, body(), contextOf())
    const load = loadSteps[Symbol.asyncIterator]()
    expect((await load.next()).value).toEqual({ stored: 100, line: 100 })
    workers.at(-1)?.kill()
    await expect(load.next()).rejects.toMatchObject({
      code: 'UPSTREAM_ERROR',
      reason: 'worker_lost',
      details: { line: 100, stored: 100, uncertain: true },
    })
    held.resolve(undefined)
    expect(await document.call('sql_query', { query: 'SELECT count(*) AS n FROM Orders' })).toEqual([{ n: 100 }])
  })

  it('reports a batch that takes too long and keeps the ones before it', async () => {
    const path = foreignFile(`CREATE TABLE Orders (N INTEGER);
      CREATE TRIGGER slow AFTER INSERT ON Orders WHEN NEW.N = 2 BEGIN
        INSERT INTO Orders SELECT count(*) FROM (WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x FROM c);
      END`)
    const document = openDocument({ path, limits: { batch: 1, callMs: 1500 } })
    async function* body(): AsyncIterable<Uint8Array> {
      yield Buffer.from('{"N":1}\n{"N":2}\n')
    }
    const loadSteps = document.connector.writeStream({ method: 'add_records', table: 'Orders' }, body(), contextOf())
    const load = loadSteps[Symbol.asyncIterator]()
    expect((await load.next()).value).toEqual({ stored: 1, line: 1 })
    const failure = await load.next().catch((error: Error) => error)
    expect(failure).toMatchObject({ code: 'UPSTREAM_TIMEOUT', details: { line: 1, stored: 1, uncertain: true } })
    expect((failure as Error).message).not.toMatch(/nothing/i)
  })
})
