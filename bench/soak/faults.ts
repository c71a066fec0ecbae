import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import Database from 'better-sqlite3'
import type { EngineProcess } from '../engine-process.ts'
import type { Peer } from '../http-peers.ts'

/** Faults of an engine and its environment, by name. */
type Fault = () => Promise<void> | void

export interface Faults {
  /** How often each fault happened. */
  readonly counts: ReadonlyMap<string, number>
  /** Lets random faults happen until the signal is aborted. */
  run(signal: AbortSignal): Promise<void>
}

const PAUSE_MS = 2_000
const HANG_MS = 1_500
const LOCK_MS = 1_000
const STRANGERS = 300

/** `document` is the SQLite file that calls use. */
export function createFaults(engine: EngineProcess, upstream: Peer, document: string): Faults {
  const counts = new Map<string, number>()
  const faults: Record<string, Fault> = {
    'MCP command killed': () => killChild(engine.pid, 'stdio-upstream'),
    'SQLite worker killed': () => killChild(engine.pid, 'sql-worker'),
    async 'upstream hangs'() {
      process.kill(upstream.pid, 'SIGSTOP')
      await sleep(HANG_MS)
      process.kill(upstream.pid, 'SIGCONT')
    },
    async 'document locked'() {
      const other = new Database(document, { timeout: 5_000 })
      try {
        other.exec('BEGIN EXCLUSIVE')
        await sleep(LOCK_MS)
        other.exec('ROLLBACK')
      } finally {
        other.close()
      }
    },
    async 'strangers connect'() {
      const port = Number(new URL(engine.url).port)
      const sockets = Array.from({ length: STRANGERS }, () => connect(port, '127.0.0.1').on('error', () => undefined))
      await sleep(500)
      for (const socket of sockets) socket.destroy()
    },
  }
  return {
    counts,
    async run(signal) {
      const names = Object.keys(faults)
      while (!signal.aborted) {
        const name = names[Math.floor(Math.random() * names.length)] ?? ''
        counts.set(name, (counts.get(name) ?? 0) + 1)
        await faults[name]?.()
        await sleep(PAUSE_MS * Math.random(), undefined, { signal }).catch(() => undefined)
      }
    },
  }
}

/** Kills a random process that the engine started with this word in its command (Linux). */
function killChild(pid: number, word: string): void {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) => {
    const listed = readText(`/proc/${pid}/task/${task}/children`).trim()
    return listed === '' ? [] : listed.split(' ')
  })
  const own = children.filter((child) => readText(`/proc/${child}/cmdline`).includes(word))
  const chosen = own[Math.floor(Math.random() * own.length)]
  if (chosen !== undefined) process.kill(Number(chosen), 'SIGKILL')
}

/** Returns an empty text if the process has ended, which can happen at any time. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
