import type { DocumentCall, DocumentMethod, MethodData, MethodFields } from '../../../contract/document-methods.ts'
import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import type { CallContext, DocumentConnector } from '../document-connector.ts'
import { fileReplaced } from './document-failure.ts'
import { readStream, WINDOW, writeStream } from './document-streams.ts'
import { locateFile, isSameFile } from './locate-file.ts'
import type { PinnedFile } from './worker-messages.ts'
import { createWorkerPool } from './worker-pool.ts'
import { startWorkerProcess, type StartWorker } from './worker-process.ts'

export interface SqliteLimits {
  /** Longest run of a caller's SQL, and longest silence of a stream that owes something. Default 10 s. */
  queryMs: number
  /** Longest run of any other call, or of one batch of a load. Default 60 s. */
  callMs: number
  /** Longest check of a file at its first open. A file that is too large for it is served unchecked. Default 10 s. */
  checkMs: number
  /** Most records in a response that isn't streamed. Default 100,000. */
  rows: number
  /** Most characters of such a response. Default 32 MiB. */
  bytes: number
  /** Most resident memory of a worker. With more, it is killed. Default 512 MiB. */
  memoryBytes: number
  /** Longest wait for a free worker. Default 30 s. */
  waitMs: number
  /** A stream whose reader reads nothing for so long is closed. Default 60 s. */
  idleReaderMs: number
  /** An idle worker stops after this time. Default 30 s. */
  idleMs: number
  /** Records in a transaction of a load. Default 10,000. */
  batch: number
}

export interface SqliteConnectorOptions {
  path: string
  /** Creates the file, with mode 0600, if it doesn't exist. */
  create?: boolean
  clock: Clock
  limits?: Partial<SqliteLimits>
  /** Hallpass's own data folder. No file in it can be a document. */
  forbiddenFolder?: string
  /** Starts a worker. A host that can't fork plain Node passes its own. */
  startWorker?: StartWorker
}

const DEFAULT_LIMITS: SqliteLimits = {
  queryMs: 10_000,
  callMs: 60_000,
  checkMs: 10_000,
  rows: 100_000,
  bytes: 32 * 1024 * 1024,
  memoryBytes: 512 * 1024 * 1024,
  waitMs: 30_000,
  idleReaderMs: 60_000,
  idleMs: 30_000,
  batch: 4_000,
}

/**
 * Returns the connector of a local SQLite file. All of SQLite runs in separate processes, started when first needed: one for
 * calls, two for callers' SQL, two for streams, so that no kind blocks another. Its methods throw INVALID_REQUEST (the
 * request), UPSTREAM_ERROR (the file), DOCUMENT_BUSY (locks) and UPSTREAM_TIMEOUT (limits).
 */
export function createSqliteConnector(options: SqliteConnectorOptions): DocumentConnector {
  const limits: SqliteLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const startWorker = options.startWorker ?? startWorkerProcess
  let opening: Promise<PinnedFile> | undefined
  let located: ReturnType<typeof locateFile> | undefined

  const pool = (size: number): ReturnType<typeof createWorkerPool> =>
    createWorkerPool({
      size,
      idleMs: limits.idleMs,
      waitMs: limits.waitMs,
      start() {
        if (located === undefined) throw new Error('The document was not located before a worker was started.')
        return startWorker({ ...located, memoryBytes: limits.memoryBytes })
      },
    })
  const calls = pool(1)
  const queries = pool(2)
  const streams = pool(2)

  async function open(): Promise<void> {
    opening ??= firstOpen().catch((error: unknown) => {
      opening = undefined
      throw error
    })
    const file = await opening
    if (isSameFile(file)) return
    throw fileReplaced()
  }

  async function firstOpen(): Promise<PinnedFile> {
    const { create, forbiddenFolder } = options
    located = locateFile(options.path, {
      ...(create === undefined ? {} : { create }),
      ...(forbiddenFolder === undefined ? {} : { forbiddenFolder }),
    })
    // The check must go on when the caller that came first leaves.
    const signal = new AbortController().signal
    const check = await calls.start({ kind: 'check' }, { signal, silenceMs: limits.checkMs, onAbort: 'finish' })
    const verdict = await check.result.catch((error: unknown) => {
      if (error instanceof HallpassError && error.code === 'UPSTREAM_TIMEOUT') return 'ok'
      throw error
    })
    if (verdict !== 'ok')
      throw new HallpassError('UPSTREAM_ERROR', 'The SQLite file is damaged (its integrity check failed).')
    return located.file
  }

  async function run(call: DocumentCall, { signal }: CallContext): Promise<unknown> {
    await open()
    const reads = call.method === 'sql_query' || call.method === 'get_records'
    const { rows, bytes } = limits
    const job = await (call.method === 'sql_query' ? queries : calls).start(
      { kind: 'call', call, limits: { rows, bytes } },
      {
        signal,
        silenceMs: call.method === 'sql_query' ? limits.queryMs : limits.callMs,
        onAbort: reads ? 'kill' : 'finish',
      },
    )
    const data = await job.result
    if (!reads) return data
    const records: unknown = JSON.parse(data as string)
    return call.method === 'get_records' ? { records } : records
  }

  return {
    async call<M extends DocumentMethod>(
      method: M,
      fields: MethodFields<M>,
      context: CallContext,
    ): Promise<MethodData<M>> {
      return (await run({ method, fields } as unknown as DocumentCall, context)) as MethodData<M>
    },
    async openReadStream(method, fields, { signal }) {
      await open()
      const silenceMs = method === 'sql_query' ? limits.queryMs : limits.callMs
      return readStream(
        streams,
        { kind: 'read', method, fields, window: WINDOW },
        { signal, silenceMs, idleReaderMs: limits.idleReaderMs },
      )
    },
    async *writeStream(target, body, { signal }) {
      await open()
      yield* writeStream(streams, { kind: 'load', target, batch: limits.batch }, body, {
        signal,
        silenceMs: limits.callMs,
      })
    },
    async probe(context) {
      await run({ method: 'list_tables', fields: {} }, context)
    },
    async close() {
      await Promise.all([calls.close(), queries.close(), streams.close()])
    },
  }
}
