import { HallpassError } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'
import type { Resolve } from '../egress/dial-guard.ts'
import type { Secret } from '../secrets/secret.ts'
import type { SecretStore } from '../secrets/secret-store.ts'
import type { McpConnectionRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import type { Turns } from '../running/turns.ts'
import { createCatalog, type Catalog } from './catalog/create-catalog.ts'
import { listOnce, type CheckedUpstream } from './check-upstream.ts'
import { createKnownSecrets } from './known-secrets.ts'
import { signInOf } from './oauth/connection-sign-in.ts'
import type { SignIn } from './oauth/create-sign-in.ts'
import { createResponsiveness, type Responsiveness } from './responsiveness.ts'
import { createConnectionRuntime, type ConnectionRuntime } from './session/connection-runtime.ts'
import type { ResettableSession } from './session/create-session.ts'
import type { ChildLedger } from './stdio/child-ledger.ts'
import { needsSignIn, sentenceOf } from './upstream-problem.ts'

interface UpstreamHealth {
  used(connectionId: number): void
  answered(connectionId: number, latencyMs: number): void
  failed(connectionId: number, error: HallpassError): void
  down(connectionId: number, sentence: string): void
}

export interface McpParts {
  store: Pick<Store, 'read' | 'write'>
  secrets: SecretStore
  clock: Clock
  /** Data folder. */
  home: string
  version: string
  ownPort: () => number | null
  health: UpstreamHealth
  /** Resolves names. Defaults to the system's resolver. */
  resolve?: Resolve | undefined
  onError(error: unknown): void
  /** Called with what was hidden or repaired in the lists of a connection, whenever that changes. */
  onNotes(connection: string, notes: string): void
}

/** What the connections share. */
interface SharedParts extends McpParts {
  ledger: ChildLedger
  /** Slots for upstreams starting at the same time to be listed. */
  starts: Turns
  /** Aborted when the engine stops. */
  closing: AbortSignal
  /** Settles once the processes of an earlier run have ended. */
  swept: Promise<unknown>
  onChange(connection: string): void
  toolsElsewhere(connectionId: number): ReadonlySet<string>
}

/** An open stored connection. */
export interface OpenConnection {
  readonly row: McpConnectionRow
  readonly runtime: ConnectionRuntime
  readonly catalog: Catalog
  readonly sessions: Set<ResettableSession>
  readonly signIn: SignIn | null
  readonly responsiveness: Responsiveness
  /** Whether the last failure means that the owner must sign in. */
  readonly needsSignIn: boolean
  /** Time of the last call, in milliseconds of the monotonic clock. */
  readonly usedAt: number
  /** Records the outcome of a call. */
  outcome(failure: HallpassError | null, method: string, tookMs: number): void
  /** Records the outcome of a background check, which doesn't count as use. */
  checked(failure: HallpassError | null, tookMs: number): void
  close(): Promise<void>
}

/** Timeout for all lists of one upstream. A command may have to be downloaded first (npx). */
export const LIST_MS = 90_000
/** Delay before a connection is checked after a failed call. */
const RECHECK_MS = 15_000
/** Timeout for a sign of life from an upstream that stopped responding. */
const PROBE_MS = { url: 10_000, command: 30_000 }

export function openConnection(row: McpConnectionRow, shared: SharedParts): OpenConnection {
  const { store, secrets, clock, health, closing, version } = shared
  const { id, name } = row
  const { config } = row
  const known = createKnownSecrets()
  const sessions = new Set<ResettableSession>()
  let isDown = false
  let mustSignIn = false
  let usedAt = -Infinity

  const signIn =
    config.oauth !== true
      ? null
      : signInOf(row, config, {
          store,
          secrets,
          clock,
          known,
          ownPort: shared.ownPort,
          onSignedIn: () => void catalog.refreshed(AbortSignal.timeout(LIST_MS), true),
          onFailure: (sentence) => health.down(id, sentence),
        })
  const runtime = createConnectionRuntime({
    ...shared,
    config,
    known,
    signIn,
    source: { own: () => ownSecret(row, secrets), secrets },
  })
  const stored = store.read.mcpCatalog(id)
  if (stored !== null) {
    const { eras } = JSON.parse(stored.content) as CheckedUpstream['content'] & {}
    // The upstream may support something now that it didn't then.
    if (eras.legacy === true) runtime.eras.legacy = true
    if (eras.modern === true) runtime.eras.modern = true
  }

  async function list(signal: AbortSignal): ReturnType<typeof listOnce> {
    await shared.swept
    return listOnce(name, runtime, version, AbortSignal.any([closing, signal]))
  }

  const responsiveness = createResponsiveness({
    connection: name,
    clock,
    async probe() {
      const limit = config.command === undefined ? PROBE_MS.url : PROBE_MS.command
      try {
        catalog.adopt(await list(AbortSignal.timeout(limit)))
        health.answered(id, 0)
      } catch (thrown) {
        if (!closing.aborted) health.down(id, sentence(thrown))
        throw thrown
      }
    },
  })

  function sentence(thrown: unknown): string {
    mustSignIn = needsSignIn(thrown)
    return isTimeout(thrown)
      ? `MCP server "${name}" didn't list its tools within ${LIST_MS / 1000} s.`
      : sentenceOf(thrown, name, runtime.scrub)
  }

  let noted: string | null = null
  function noteLists(): void {
    const { leftOut } = catalog.known()
    if (leftOut !== null && leftOut !== noted) shared.onNotes(name, leftOut)
    noted = leftOut
  }

  const catalog = createCatalog({
    row,
    store,
    clock,
    trustsAll: config.trust === 'all',
    elsewhere: () => shared.toolsElsewhere(id),
    list: () => list(AbortSignal.timeout(LIST_MS)),
    sentence,
    inTurn: (work) => shared.starts.run(work),
    onChange() {
      noteLists()
      shared.onChange(name)
    },
    onOutcome(problem, latencyMs) {
      noteLists()
      isDown = problem !== null
      if (problem === null) {
        mustSignIn = false
        responsiveness.answered()
        health.answered(id, latencyMs)
      } else if (!closing.aborted) health.down(id, problem)
    },
  })

  /** A tool's duration says nothing about the upstream, so only lists count for its latency. */
  function settle(failure: HallpassError | null, method: string, tookMs: number): void {
    // A token that used up its share says nothing about the upstream.
    if (failure?.code === 'RATE_LIMITED') return
    if (failure !== null) {
      isDown = true
      mustSignIn ||= needsSignIn(failure)
      health.failed(id, failure)
      if (failure.code === 'UPSTREAM_TIMEOUT') responsiveness.timedOut()
      // It may be back before anybody calls it again.
      else catalog.outdated(RECHECK_MS)
      return
    }
    responsiveness.answered()
    mustSignIn = false
    if (!isDown && !method.endsWith('/list')) return
    health.answered(id, tookMs)
    // Its lists may have changed while it was down.
    if (isDown) catalog.outdated()
    isDown = false
  }

  return {
    row,
    runtime,
    catalog,
    sessions,
    signIn,
    responsiveness,
    get needsSignIn() {
      return mustSignIn
    },
    get usedAt() {
      return usedAt
    },
    outcome(failure, method, tookMs) {
      usedAt = clock.monotonic()
      health.used(id)
      settle(failure, method, tookMs)
    },
    checked: (failure, tookMs) => settle(failure, 'tools/list', tookMs),
    async close() {
      signIn?.close()
      responsiveness.close()
      catalog.close()
      // Clients keep their sessions. Their next request uses the current connection.
      await Promise.all([...sessions].map((session) => (closing.aborted ? session.close() : session.reset())))
      await runtime.close()
    },
  }
}

function ownSecret(row: McpConnectionRow, secrets: SecretStore): Promise<Secret> {
  // Its tokens and client secret aren't header values.
  if (row.config.oauth === true)
    return Promise.reject(
      new HallpassError(
        'SECRET_UNAVAILABLE',
        `Connection "${row.name}" signs in with OAuth, so its headers can't use keychain. Create it again.`,
      ),
    )
  if (row.secret_location === null)
    return Promise.reject(
      new HallpassError(
        'SECRET_UNAVAILABLE',
        `Connection "${row.name}" has no secret. Set one with --secret-stdin or --secret-ref.`,
      ),
    )
  return secrets.fetch(row.secret_location, row.secret_account, { fresh: true })
}

export function isTimeout(thrown: unknown): boolean {
  return thrown instanceof DOMException && thrown.name === 'TimeoutError'
}
