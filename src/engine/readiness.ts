import { statfs } from 'node:fs/promises'
import type { RequestLog } from './log/request-log.ts'
import type { ProbeMemory } from './probe-memory.ts'
import type { Store } from './store/store.ts'

/** With less free space, the next batch of the log may not fit. */
const NEEDED_BYTES = 1024 * 1024

export interface Readiness {
  /** What `/readyz` reports. */
  check(): Promise<{ ok: boolean; checks: { store: boolean; keychain: boolean } }>
  /** Returns what the owner should know now, as sentences. */
  problems(): Promise<string[]>
  /** Like `problems`, but checks the secret store first. */
  findProblems(): Promise<string[]>
}

export interface ReadinessParts {
  home: string
  store: Pick<Store, 'read'>
  log: Pick<RequestLog, 'healthy'>
  secretStore: Pick<ProbeMemory, 'problem' | 'check'>
  freeBytes?: (folder: string) => Promise<number>
}

/** Checks whether requests can be served. Notices a full disk before a request fails because of it. */
export function createReadiness(parts: ReadinessParts): Readiness {
  const { home, store, log, secretStore, freeBytes = freeBytesOf } = parts

  async function diskProblem(): Promise<string | null> {
    if (!log.healthy)
      return "The request log can't be written, so requests are rejected. Check free disk space and the permissions of the data folder."
    if ((await freeBytes(home)) >= NEEDED_BYTES) return null
    return 'The disk of the data folder is full, so requests are about to be rejected. Free some space.'
  }

  return {
    async check() {
      const checks = {
        store: (await succeeds(() => store.read.setting('ready'))) && (await diskProblem()) === null,
        keychain: (await secretStore.check()) === null,
      }
      return { ok: checks.store && checks.keychain, checks }
    },
    async problems() {
      return [await diskProblem(), secretStore.problem].filter((problem) => problem !== null)
    },
    async findProblems() {
      const secretProblem = await secretStore.check()
      return [await diskProblem(), secretProblem].filter((problem) => problem !== null)
    },
  }
}

async function freeBytesOf(folder: string): Promise<number> {
  const found = await statfs(folder).catch(() => null)
  // Some file systems don't say. A write that fails will.
  return found === null || found.blocks === 0 ? Infinity : found.bavail * found.bsize
}

async function succeeds(probe: () => unknown): Promise<boolean> {
  try {
    await probe()
    return true
  } catch {
    // Only the outcome matters here. The reason is in the notices of `status`.
    return false
  }
}
