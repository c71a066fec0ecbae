import {
  DOCUMENT_METHODS,
  type DocumentCall,
  type DocumentMethod,
  type MethodData,
  type MethodFields,
} from '../../../contract/methods/document-methods.ts'
import { HallpassError } from '../../../contract/errors.ts'
import type { Clock } from '../../clock.ts'
import { JsonText, type DocumentConnector, type LightContext } from '../document-connector.ts'
import { createCallPool, type CallPool, type Share } from './read-ahead/call-pool.ts'
import type { CallKind } from './read-ahead/queued-call.ts'
import { fileReplaced } from './document-failure.ts'
import { readStream, WINDOW, writeStream } from './document-streams.ts'
import { locateFile, isSameFile } from './locate-file.ts'
import type { Job, PinnedFile } from './worker-messages.ts'
import { createWorkerPool, type WorkerPool } from './worker-pool.ts'
import { startWorkerProcess, type StartWorker, type WorkerProcess } from './worker-process.ts'

interface SqliteLimits {
  /** Maximum duration of a caller's SQL, and of a stream without data when the worker owes some. Default 10 s. */
  queryMs: number
  /** Maximum duration of any other call, or of one batch of a load. Default 60 s. */
  callMs: number
  /** Maximum duration of the check when a file is first opened. Larger files are served unchecked. Default 10 s. */
  checkMs: number
  /** Maximum number of records in a response that isn't streamed. Default 100,000. */
  rows: number
  /** Maximum number of characters in such a response. Default 32 MiB. */
  bytes: number
  /** Maximum resident memory of a worker. Beyond it, the worker is killed. Default 512 MiB. */
  memoryBytes: number
  /** Maximum wait for a free worker. Default 30 s. */
  waitMs: number
  /**
   * A stream is closed if its reader doesn't read for this long, because it can keep other programs from writing.
   * Default 15 s.
   */
  idleReaderMs: number
  /** How long a call waits before another worker starts for it. Starting one takes longer. Default 50 ms. */
  graceMs: number
  /** An idle worker stops after this time. Default 30 s. */
  idleMs: number
  /** Records in a transaction of a load. Default 4,000. */
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
  idleReaderMs: 15_000,
  graceMs: 50,
  idleMs: 30_000,
  batch: 4_000,
}

/** The third query worker is for a token that has none yet. One more is left for reads and one for changes. */
const SHARES: Readonly<Record<CallKind, Share>> = {
  change: { workers: 1, perKey: 1 },
  read: { workers: 1, perKey: 1 },
  query: { workers: 3, perKey: 2 },
}

/**
 * Returns the connector of a local SQLite file. All of SQLite runs in separate processes, started when first needed: one for all
 * calls, more while calls wait, up to one each for reads and writes and three for callers' SQL, and up to three for streams. No kind
 * blocks another, and long queries or slow readers of one token don't hold up the others. Its methods throw INVALID_REQUEST (the
 * request), UPSTREAM_ERROR (the file), DOCUMENT_BUSY (locks) and UPSTREAM_TIMEOUT (limits).
 */
export function createSqliteConnector(options: SqliteConnectorOptions): DocumentConnector {
  const limits: SqliteLimits = { ...DEFAULT_LIMITS, ...options.limits }
  const startWorker = options.startWorker ?? startWorkerProcess
  let opening: Promise<OpenFile> | undefined
  let chosen: PinnedFile | undefined

  function poolsOf(located: ReturnType<typeof locateFile>): Pools {
    const start = (): WorkerProcess => startWorker({ ...located, memoryBytes: limits.memoryBytes })
    const common = { idleMs: limits.idleMs, waitMs: limits.waitMs, clock: options.clock, start }
    return {
      calls: createCallPool({ ...common, shares: SHARES, graceMs: limits.graceMs }),
      streams: createWorkerPool({ ...common, size: 3, reserve: 1 }),
    }
  }

  /** Opens the file at the first call, and again after another program replaced it. */
  async function open(): Promise<Pools> {
    const last = opening
    if (last !== undefined) {
      const current = await last
      if (isSameFile(current.file)) return current.pools
      // Programs save a file by renaming a new one over it. Of several calls that notice it, the first reopens.
      if (opening === last) opening = closeAll(current.pools).then(openFile).catch(forget)
    }
    opening ??= openFile().catch(forget)
    return (await opening).pools
  }

  function forget(error: unknown): never {
    opening = undefined
    throw error
  }

  /** Finds the file that the owner chose. Once it was open, a link, another folder or another user's file can't take its place. */
  function locate(): ReturnType<typeof locateFile> {
    const { path, create, forbiddenFolder } = options
    const found = ((): ReturnType<typeof locateFile> => {
      try {
        return locateFile(path, {
          ...(create === undefined || chosen !== undefined ? {} : { create }),
          ...(forbiddenFolder === undefined ? {} : { forbiddenFolder }),
        })
      } catch (error) {
        if (chosen !== undefined && error instanceof HallpassError && error.field === 'config.path')
          throw fileReplaced()
        throw error
      }
    })()
    chosen ??= found.file
    if (found.file.path !== chosen.path || found.file.owner !== chosen.owner) throw fileReplaced()
    return found
  }

  async function openFile(): Promise<OpenFile> {
    const located = locate()
    const pools = poolsOf(located)
    // The check must continue if the first caller disconnects.
    const signal = new AbortController().signal
    try {
      const check = pools.calls.run('change', { kind: 'check' }, { signal, silenceMs: limits.checkMs })
      const verdict = await check.catch((error: unknown) => {
        if (error instanceof HallpassError && error.code === 'UPSTREAM_TIMEOUT') return { data: 'ok' }
        throw error
      })
      if (verdict.data !== 'ok')
        throw new HallpassError('UPSTREAM_ERROR', 'The SQLite file is damaged (its integrity check failed).')
    } catch (error) {
      await closeAll(pools)
      throw error
    }
    return { file: located.file, pools }
  }

  async function run(call: DocumentCall, { signal, key, onSlot }: LightContext): Promise<JsonText> {
    const pools = await open()
    const { permission } = DOCUMENT_METHODS[call.method]
    const { rows, bytes } = limits
    const job: Job = { kind: 'call', call, permission, limits: { rows, bytes } }
    const kind = call.method === 'sql_query' ? 'query' : permission === 'read' ? 'read' : 'change'
    const silenceMs = kind === 'query' ? limits.queryMs : limits.callMs
    const { data, records } = await pools.calls.run(kind, job, { signal, key, onSlot, silenceMs })
    return new JsonText(data, records)
  }

  return {
    async call<M extends DocumentMethod>(
      method: M,
      fields: MethodFields<M>,
      context: LightContext,
    ): Promise<MethodData<M>> {
      const { text } = await run({ method, fields } as unknown as DocumentCall, context)
      return JSON.parse(text) as MethodData<M>
    },
    callForText: (method, fields, context) => run({ method, fields } as unknown as DocumentCall, context),
    async openReadStream(method, fields, { signal, key, onSlot }) {
      const { streams } = await open()
      const silenceMs = method === 'sql_query' ? limits.queryMs : limits.callMs
      return readStream(
        streams,
        { kind: 'read', method, fields, window: WINDOW },
        { clock: options.clock, signal, key, onSlot, silenceMs, idleReaderMs: limits.idleReaderMs },
      )
    },
    async *writeStream(target, body, { signal, key, onSlot }) {
      const { streams } = await open()
      yield* writeStream(streams, { kind: 'load', target, batch: limits.batch }, body, {
        signal,
        key,
        onSlot,
        silenceMs: limits.callMs,
      })
    },
    attachments: null,
    async probe(context) {
      await run({ method: 'list_tables', fields: {} }, context)
    },
    async close() {
      const current = await opening?.catch(() => undefined)
      if (current !== undefined) await closeAll(current.pools)
    },
  }
}

interface Pools {
  calls: CallPool
  streams: WorkerPool
}

interface OpenFile {
  file: PinnedFile
  pools: Pools
}

async function closeAll(pools: Pools): Promise<void> {
  await Promise.all([pools.calls.close(), pools.streams.close()])
}
