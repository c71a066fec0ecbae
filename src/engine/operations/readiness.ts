import { statfs } from 'node:fs/promises'
import type { Clock } from '../clock.ts'
import type { ProblemSource } from '../../contract/owner-api.ts'
import type { RequestLog } from '../log/request-log.ts'
import type { ProbeMemory } from './probe-memory.ts'
import type { Store } from '../store/store.ts'

/** Anybody who reaches the port can ask for a check, which reads the store, the disk and the secret store. */
const CHECK_EVERY_MS = 250
/** With less free space, the next batch of the log may not fit. */
const NEEDED_BYTES = 1024 * 1024

interface Ready {
  ok: boolean
  checks: { store: boolean; keychain: boolean }
}

interface Problem {
  with: ProblemSource
  sentence: string
}

export interface Readiness {
  /** Returns what `/readyz` reports, which is at most 250 ms old. */
  check(): Promise<Ready>
  /** Returns what prevents requests now, worst first. */
  problems(): Promise<Problem[]>
  /** Like `problems`, but checks the secret store first. */
  findProblems(): Promise<Problem[]>
}

export interface ReadinessParts {
  home: string
  store: Pick<Store, 'read'>
  log: Pick<RequestLog, 'healthy'>
  secretStore: Pick<ProbeMemory, 'problem' | 'check'>
  clock: Clock
  freeBytes?: (folder: string) => Promise<number>
}

/** Checks whether requests can be served. Notices a full disk before a request fails because of it. */
export function createReadiness(parts: ReadinessParts): Readiness {
  const { home, store, log, secretStore, clock, freeBytes = freeBytesOf } = parts
  let last: Promise<Ready> | null = null
  let lastAt = -Infinity

  async function diskProblem(): Promise<Problem[]> {
    if (!log.healthy)
      return [
        {
          with: 'log',
          sentence:
            "The request log can't be written, so requests are rejected. Check free disk space and the permissions of the data folder.",
        },
      ]
    if ((await freeBytes(home)) >= NEEDED_BYTES) return []
    return [
      {
        with: 'disk',
        sentence: 'The disk of the data folder is full, so requests are about to be rejected. Free some space.',
      },
    ]
  }
  const inSecrets = (sentence: string | null): Problem[] => (sentence === null ? [] : [{ with: 'secrets', sentence }])

  async function checkNow(): Promise<Ready> {
    const checks = {
      store: (await succeeds(() => store.read.setting('ready'))) && (await diskProblem()).length === 0,
      keychain: (await secretStore.check()) === null,
    }
    return { ok: checks.store && checks.keychain, checks }
  }

  return {
    check() {
      if (last !== null && clock.monotonic() - lastAt < CHECK_EVERY_MS) return last
      lastAt = clock.monotonic()
      last = checkNow()
      return last
    },
    async problems() {
      return [...(await diskProblem()), ...inSecrets(secretStore.problem)]
    },
    async findProblems() {
      const secretProblem = await secretStore.check()
      return [...(await diskProblem()), ...inSecrets(secretProblem)]
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
