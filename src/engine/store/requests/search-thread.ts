import type { Worker } from 'node:worker_threads'
import type { Scan } from './scan-requests.ts'
import type { NameTallies, NameTask } from './counts/tally-names.ts'
import type { Tallies, TallyTask } from './counts/tally-requests.ts'
import {
  READY,
  type ScanTask,
  type SearchAnswer,
  type SearchRequest,
  type SearchResult,
  type SearchTask,
} from './search-messages.ts'
import { startThread } from './start-thread.ts'

/** An unused thread ends after this long, to free its memory. */
const IDLE_MS = 30_000

interface SearchThread {
  /** Starts the thread if there is none. */
  prepare(): void
  /** Whether a search on the thread begins at once. */
  readonly isReady: boolean
  scan(scan: ScanTask): Promise<Scan>
  tally(tally: TallyTask): Promise<Tallies>
  tallyNames(names: NameTask): Promise<NameTallies>
  /** Resolves with whether the structure of the log's table is intact. */
  check(): Promise<boolean>
  close(): Promise<void>
}

/**
 * Searches the log on a thread that starts with the first search, so that scanning millions of rows doesn't delay
 * requests.
 */
export function createSearchThread(file: string): SearchThread {
  let worker: Worker | null = null
  let isReady = false
  let idle: NodeJS.Timeout | null = null
  let lastId = 0
  const waiting = new Map<number, { resolve: (result: SearchResult) => void; reject: (error: Error) => void }>()

  function start(): Worker {
    const started = startThread('search-worker', import.meta.url, { workerData: { file } })
    started.on('message', (answer: SearchAnswer | typeof READY) => {
      if (answer === READY) {
        isReady = worker === started
        return rest()
      }
      const found = waiting.get(answer.id)
      waiting.delete(answer.id)
      if ('result' in answer) found?.resolve(answer.result)
      else found?.reject(new Error(`search: ${answer.error}`))
      rest()
    })
    started.on('error', (error) => fail(error))
    started.on('exit', () => {
      // Another thread has replaced this one, and what is waiting belongs to it.
      if (worker !== null && worker !== started) return
      worker = null
      isReady = false
      fail(new Error('the search thread ended'))
    })
    return started
  }

  function fail(error: Error): void {
    for (const { reject } of waiting.values()) reject(error)
    waiting.clear()
  }

  function rest(): void {
    if (waiting.size > 0) return
    if (idle !== null) clearTimeout(idle)
    idle = setTimeout(() => void end(), IDLE_MS).unref()
  }

  async function end(): Promise<void> {
    const ending = worker
    worker = null
    isReady = false
    await ending?.terminate()
  }

  function ask(task: SearchTask): Promise<SearchResult> {
    if (idle !== null) clearTimeout(idle)
    worker ??= start()
    const id = (lastId += 1)
    const answered = new Promise<SearchResult>((resolve, reject) => waiting.set(id, { resolve, reject }))
    worker.postMessage({ id, task } satisfies SearchRequest)
    return answered
  }

  return {
    prepare() {
      worker ??= start()
    },
    get isReady() {
      return isReady
    },
    scan: async (scan) => (await ask({ scan })) as Scan,
    tally: async (tally) => (await ask({ tally })) as Tallies,
    tallyNames: async (names) => (await ask({ names })) as NameTallies,
    check: async () => (await ask('check')) as boolean,
    async close() {
      if (idle !== null) clearTimeout(idle)
      await end()
    },
  }
}
