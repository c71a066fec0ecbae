import { Worker } from 'node:worker_threads'
import type { MethodFields } from '../../../../contract/methods/document-methods.ts'
import { systemClock } from '../../../clock.ts'
import { sqliteFailure } from '../document-failure.ts'
import { checkFile } from './check-file.ts'
import { loadLines } from './load-lines.ts'
import { openDatabases, type OpenDatabases } from './open-database.ts'
import { rowTexts, type RowSource } from './row-source.ts'
import { reading, runCall } from './run-job.ts'
import { prepareQuery } from './run-query.ts'
import { selectRecords } from './select-records.ts'
import { openWorkerChannel } from '../worker-channel.ts'
import { releaseMemory } from '../../release-memory.ts'
import { failedMessage, type Job, type ToWorker } from '../worker-messages.ts'

/**
 * A process that has one SQLite file open and runs one job at a time. It isn't a thread, because only a process can be killed
 * during a long SQLite step. It also keeps a hostile file out of the process that holds secrets.
 */
const CHUNK_CHARACTERS = 96 * 1024
/** Before calls behind one that took this long, the worker reads its messages again. */
const LONG_MS = 10

type CallMessage = Extract<ToWorker, { kind: 'job' }> & { job: Extract<Job, { kind: 'call' }> }

function serve(): void {
  const channel = openWorkerChannel()
  const { send } = channel
  let databases: OpenDatabases | undefined
  /** Wakes the running job when a message for it arrived. */
  let wake = (): void => {}
  let cancelled = false
  let ended = false
  let credits = 0
  let inbox: Uint8Array[] = []
  let calls: CallMessage[] = []
  let isScheduled = false

  channel.listen({
    message(message) {
      if (message.kind === 'open') {
        databases = openDatabases(message.file, message.created)
        watch(message.memoryBytes, message.parent)
        send({ kind: 'ready' })
      } else if (message.kind === 'job') {
        if (message.job.kind === 'call') return queue({ ...message, job: message.job })
        databases?.waitForLocks(message.lockMs)
        void work(message.job)
      } else if (message.kind === 'withdraw') {
        const count = calls.length
        calls = []
        send({ kind: 'withdrawn', count })
      } else {
        if (message.kind === 'bytes') inbox.push(message.bytes)
        else if (message.kind === 'end') ended = true
        else if (message.kind === 'credit') credits += 1
        else cancelled = true
        wake()
      }
    },
    closed() {
      databases?.close()
      process.exit(0)
    },
  })
  // Ctrl-C in a terminal, or a service manager, signals the engine and its workers at once. The engine decides what may
  // finish; a worker ends with its channel.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {})

  /** Reads everything that arrived together before the first call runs, including withdrawals. */
  function queue(call: CallMessage): void {
    calls.push(call)
    if (isScheduled) return
    isScheduled = true
    queueMicrotask(runCalls)
  }

  /** Sends each result immediately, so that the engine knows which call was running if the worker ends. */
  function runCalls(): void {
    isScheduled = false
    for (let next = calls.shift(); next !== undefined; next = calls.shift()) {
      const started = systemClock.monotonic()
      try {
        if (databases === undefined) throw new Error('No document is open.')
        databases.waitForLocks(next.lockMs)
        const { data, records } = runCall(databases, next.job)
        send({ kind: 'done', data, records, tookMs: systemClock.monotonic() - started })
      } catch (error) {
        send(failedMessage(sqliteFailure(error)))
      }
      if (systemClock.monotonic() - started < LONG_MS) continue
      // The engine may have withdrawn those that follow. Two turns, because the first ends before anything is read.
      isScheduled = true
      setImmediate(() => setImmediate(runCalls))
      return
    }
  }

  async function work(job: Exclude<Job, { kind: 'call' }>): Promise<void> {
    cancelled = false
    ended = false
    inbox = []
    credits = job.kind === 'read' ? job.window : 0
    try {
      if (databases === undefined) throw new Error('No document is open.')
      const data = await dispatch(databases, job)
      send({ kind: 'done', data, records: 0, tookMs: 0 })
    } catch (error) {
      send(failedMessage(sqliteFailure(error)))
    }
  }

  async function dispatch(open: OpenDatabases, job: Exclude<Job, { kind: 'call' }>): Promise<string> {
    // Through the writing connection, because SQLite must first recover a file after a crash, which a reader can't do.
    if (job.kind === 'check') return checkFile(open.writable())
    if (job.kind === 'load') {
      const db = open.writable({ foreignKeys: true, legacyAlterTable: false })
      for await (const { stored, line } of loadLines(db, job.target, received(), job.batch))
        send({ kind: 'progress', stored, line })
      return ''
    }
    const { fields } = job
    await sendRows(
      reading(open, () =>
        'query' in fields
          ? prepareQuery(open.readable(), open.schema(), fields)
          : selectRecords(open.schema(), fields as MethodFields<'get_records'>),
      ),
    )
    return ''
  }

  async function sendRows(source: RowSource): Promise<void> {
    const encoder = new TextEncoder()
    const write = rowTexts(source)
    let text = ''
    let records = 0
    const flush = async (): Promise<void> => {
      while (credits === 0 && !cancelled) await changed()
      credits -= 1
      if (!cancelled) send({ kind: 'chunk', bytes: encoder.encode(text), records })
      text = ''
      // Sends the chunk while the next one is built, and lets a cancellation arrive.
      await new Promise((resolve) => setImmediate(resolve))
    }
    for (const row of source.rows()) {
      records += 1
      text += `${write(row, records)}\n`
      if (text.length >= CHUNK_CHARACTERS) await flush()
      if (cancelled) return
    }
    if (text !== '') await flush()
  }

  async function* received(): AsyncIterable<Uint8Array> {
    while (!cancelled) {
      const bytes = inbox.shift()
      if (bytes !== undefined) {
        send({ kind: 'taken' })
        yield bytes
        releaseMemory(bytes)
      } else if (ended) return
      else await changed()
    }
  }

  function changed(): Promise<void> {
    return new Promise((resolve) => {
      wake = resolve
    })
  }
}

/**
 * Ends this process if it uses too much memory or its engine is gone. Runs in a separate thread, because SQLite blocks
 * the main one.
 */
function watch(memoryBytes: number, parent: number | null): void {
  const source = `
    const { workerData } = require('node:worker_threads')
    setInterval(() => {
      const { memoryBytes, parent } = workerData
      if (process.memoryUsage.rss() > memoryBytes || (parent !== null && process.ppid !== parent)) process.kill(process.pid, 'SIGKILL')
    }, 50)`
  const limits = { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 4 }
  new Worker(source, { eval: true, workerData: { memoryBytes, parent }, resourceLimits: limits, env: {} }).unref()
}

serve()
