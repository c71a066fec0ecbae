import { HallpassError } from '../../../contract/errors.ts'
import { storedLines, type BulkProgress, type RecordStream } from '../document-connector.ts'
import type { Clock } from '../../clock.ts'
import type { FromWorker, Job } from './worker-messages.ts'
import type { WorkerPool } from './worker-pool.ts'
import { interruption } from './job-interruption.ts'

/** Chunks in flight in either direction. Limits the memory used for a slow reader or disk. */
export const WINDOW = 4
const CHUNK_BYTES = 256 * 1024
/** Batches whose progress nobody has read. */
const MAX_UNREAD = 10_000

interface StreamOptions {
  clock: Clock
  signal: AbortSignal
  key?: string | undefined
  onSlot?: (() => void) | undefined
  silenceMs: number
  /** A reader that doesn't read for this long loses its stream, because it occupies one of few workers. */
  idleReaderMs: number
}

/** Starts a read job. Resolves when the first rows have arrived, so that an early failure is thrown from here. */
export async function readStream(
  pool: WorkerPool,
  job: Job,
  { clock, signal, key, onSlot, silenceMs, idleReaderMs }: StreamOptions,
): Promise<RecordStream> {
  const chunks: Extract<FromWorker, { kind: 'chunk' }>[] = []
  let wake = (): void => {}
  let failure: unknown
  let ended = false
  let given = 0
  let owed = WINDOW
  let cancelIdle = (): void => {}

  const running = await pool.start(job, {
    signal,
    key,
    onSlot,
    silenceMs,
    onAbort: 'stop',
    listen(message) {
      if (message.kind !== 'chunk') return
      if (owed === 0) return running.abandon(unrequested())
      chunks.push(message)
      owed -= 1
      if (owed === 0) running.rest()
      else running.expect()
      patience()
      wake()
    },
  })
  const end = (error?: unknown): void => {
    failure = error
    ended = true
    if (error !== undefined) chunks.length = 0
    wake()
  }
  running.result.then(() => end(), end)

  function patience(): void {
    cancelIdle()
    cancelIdle = clock.after(idleReaderMs, () => {
      chunks.length = 0
      running.abandon(
        new HallpassError(
          'UPSTREAM_TIMEOUT',
          `The client read no data for ${idleReaderMs / 1000} s, so the stream was closed.`,
          { upstreamBlameless: true },
        ),
      )
    })
  }

  async function waitForMore(): Promise<void> {
    while (chunks.length === 0 && !ended) {
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    }
    if (failure !== undefined) throw failure
  }

  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) {
        await waitForMore()
        const chunk = chunks.shift()
        if (chunk === undefined) return
        cancelIdle()
        given = chunk.records
        owed += 1
        running.post({ kind: 'credit' })
        if (!ended) running.expect()
        yield chunk.bytes
        if (signal.aborted) throw interruption(signal)
        if (!ended) patience()
      }
    } finally {
      cancelIdle()
      if (!ended) running.abandon(new HallpassError('UPSTREAM_ERROR', 'The client closed the stream.'))
    }
  }

  await waitForMore()
  const stream = read()
  return {
    get records() {
      return given
    },
    [Symbol.asyncIterator]: () => stream,
  }
}

/** Sends NDJSON bytes to a load job and yields its progress after each batch. */
export async function* writeStream(
  pool: WorkerPool,
  job: Job,
  body: AsyncIterable<Uint8Array>,
  { signal, key, onSlot, silenceMs }: Omit<StreamOptions, 'idleReaderMs' | 'clock'>,
): AsyncIterable<BulkProgress> {
  const progress: BulkProgress[] = []
  let wakeReader = (): void => {}
  let wakeSender = (): void => {}
  let untaken = 0
  let allSent = false
  let ended = false
  let failure: unknown
  /** The worker's own error says which lines were stored. */
  let hasReported = false
  let line = 0
  let stored = 0
  const isAtomic = job.kind === 'load' && job.target.atomic === true

  const running = await pool.start(job, {
    signal,
    key,
    onSlot,
    silenceMs,
    onAbort: 'stop',
    listen(message) {
      if ((message.kind === 'taken' && untaken === 0) || progress.length >= MAX_UNREAD)
        return running.abandon(unrequested())
      if (message.kind === 'taken') untaken -= 1
      else if (message.kind === 'failed') hasReported = true
      else if (message.kind === 'progress') {
        line = message.line
        stored = message.stored
        progress.push({ stored, line })
      }
      if (untaken === 0 && !allSent) running.rest()
      else running.expect()
      wakeSender()
      wakeReader()
    },
  })
  const end = (error?: unknown): void => {
    failure = error
    ended = true
    wakeReader()
    wakeSender()
  }
  running.result.then(() => end(), end)
  void pump().catch((error: unknown) => running.abandon(sendFailure(error)))

  async function pump(): Promise<void> {
    running.rest()
    for await (const bytes of gathered(body)) {
      while (untaken >= WINDOW && !ended) {
        await new Promise<void>((resolve) => {
          wakeSender = resolve
        })
      }
      if (ended) return
      untaken += 1
      running.expect()
      running.post({ kind: 'bytes', bytes })
    }
    allSent = true
    running.expect()
    running.post({ kind: 'end' })
  }

  try {
    for (;;) {
      const next = progress.shift()
      if (next !== undefined) yield next
      else if (failure !== undefined)
        throw hasReported ? failure : uncertainProgress(failure, { stored, line }, isAtomic && !allSent)
      else if (ended) return
      else
        await new Promise<void>((resolve) => {
          wakeReader = resolve
        })
    }
  } finally {
    if (!ended) running.abandon(new HallpassError('UPSTREAM_ERROR', 'The client stopped the bulk load.'))
  }
}

/** A worker that was stopped can't say which lines it stored: one batch more may be stored than it reported. */
function uncertainProgress(failure: unknown, progress: BulkProgress, isRolledBack: boolean): unknown {
  if (!(failure instanceof HallpassError)) return failure
  if (isRolledBack)
    return failure.reworded(`${failure.message} ${storedLines(0)}`, {
      cause: failure,
      details: { ...failure.details, ...progress },
    })
  return failure.reworded(`${failure.message} ${storedLines(progress.line)} The next batch may have been stored too.`, {
    cause: failure,
    details: { ...failure.details, ...progress, uncertain: true },
  })
}

/** A worker that a hostile file took over must not fill the engine's memory. */
function unrequested(): HallpassError {
  return new HallpassError('UPSTREAM_ERROR', 'The SQLite process sent data that Hallpass did not request.', {
    upstreamBlameless: true,
  })
}

function sendFailure(error: unknown): HallpassError {
  return error instanceof HallpassError
    ? error
    : new HallpassError('UPSTREAM_ERROR', "Couldn't read all records.", { cause: error })
}

/**
 * Joins small chunks, because each message to a worker costs about as much as 100 KB of it. Copies them at once, because each is
 * valid only until the next one is read.
 */
async function* gathered(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  let [joined, size] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), 0]
  for await (const part of body) {
    for (let at = 0; at < part.length;) {
      const taken = part.subarray(at, at + CHUNK_BYTES - size)
      joined.set(taken, size)
      size += taken.length
      at += taken.length
      if (size < CHUNK_BYTES) continue
      yield joined
      ;[joined, size] = [Buffer.allocUnsafeSlow(CHUNK_BYTES), 0]
    }
  }
  // A copy of its own size, because a message to a process of Electron's carries all memory behind its bytes.
  if (size > 0) yield new Uint8Array(joined.subarray(0, size))
}
