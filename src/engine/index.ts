import { join } from 'node:path'
import { createApprovalDesk } from './access/approvals.ts'
import { createAccess } from './access/create-access.ts'
import { createRateLimiter, parseRate } from './access/rate-limiter.ts'
import { createBridge } from './bridge/create-bridge.ts'
import { alsoTelling, createChanges } from './changes.ts'
import { lazyClients } from './clients/client-connections.ts'
import { systemClock } from './clock.ts'
import { createClosers } from './closers.ts'
import { createConnectors } from './connections/connectors.ts'
import { createHttpCalls } from './calls/http-calls.ts'
import { createHttpTools } from './calls/http-tools.ts'
import { createCallOpener } from './calls/open-call.ts'
import { createDocumentCalls } from './calls/document-calls.ts'
import { recordPayloads } from './connections/record-payloads.ts'
import { createConnectionHealth } from './connections/health.ts'
import { createDiagnostics } from './operations/diagnostics.ts'
import type { Engine, StartedEngine } from './engine.ts'
import { openEngineLog } from './engine-log.ts'
import type { EngineOptions } from './engine-options.ts'
import { createHttpServer } from './http/create-http-server.ts'
import { createOwnerRouter } from './owner/create-owner-router.ts'
import { createOwnAddress } from './listen-address.ts'
import { checkNetworkSettings } from './http/network-protection.ts'
import { createMetrics, readMetricsState } from './operations/metrics.ts'
import { createProbeMemory } from './operations/probe-memory.ts'
import { createReadiness } from './operations/readiness.ts'
import { makeSample } from './sample/make-sample.ts'
import { openSecretStore } from './secrets/open-secret-store.ts'
import { openSettings } from './settings.ts'
import { acquireLock } from './store/lock.ts'
import { openStore } from './store/open-store.ts'
import { version } from './version.ts'
import { storedSignIns } from './web-console.ts'

const DRAIN_MS = 5000
/** How long interrupted requests have to send their response. */
const LAST_ANSWER_MS = 250
/** Minimum time between announcements of changed usage figures. */
const LAST_USED_INTERVAL_MS = 1000

// Pure functions that decide about requests. `hallpass may` uses the same decision as a real call.
export { decide } from './access/decide.ts'
export type { Demand } from './access/principal.ts'
export { compileRules } from './http-apis/request-rules.ts'
export { rekeyVault } from './secrets/rekey-vault.ts'
export { restoreBackup, type RestoredToken } from './store/restore-backup.ts'

export type { Engine, StartedEngine } from './engine.ts'

/**
 * Opens the data folder and starts serving. Fails before listening if the folder is in use, the store is newer than
 * this version, or the port is in use. Each is a HallpassError that says what to do.
 */
export async function startEngine(options: EngineOptions): Promise<StartedEngine & Engine> {
  const clock = options.clock ?? systemClock
  const { home, startWorker, drainMs = DRAIN_MS } = options
  const startedAt = new Date(clock.now()).toISOString()
  const closers = createClosers()
  const stopping = new AbortController()

  try {
    const lock = acquireLock(home)
    closers.add(() => lock.release())
    const store = openStore({ home, clock })
    closers.add(() => store.close())
    let reachChanged = (): void => {}
    const changes = alsoTelling(createChanges(clock), () => reachChanged())
    closers.add(() => changes.close())
    const settings = openSettings(store)
    const diagnostics = createDiagnostics(options.logLevel)
    const secrets = await openSecretStore({
      home,
      environment: process.env,
      clock,
      ...(options.vaultKey === undefined ? {} : { vaultKey: options.vaultKey }),
    })
    const metrics = options.metrics === true ? createMetrics() : undefined
    closers.add(() => metrics?.close())
    const { log, sightings, onClients } = openEngineLog({ store, clock, settings, changes, metrics, closers })
    const access = createAccess({
      store,
      clock,
      defaultRate: parseRate(settings.current.default_rate),
      onFailure: (error) => diagnostics.internalError('access', error),
      // Figures that change with every request are announced at intervals.
      onChange: (what) =>
        what === 'use'
          ? changes.announce(['tokens', 'sessions', 'connections'], LAST_USED_INTERVAL_MS)
          : changes.announce([what]),
    })
    closers.add(() => access.close())
    settings.follow((current) => access.setDefaultRate(parseRate(current.default_rate)))
    const approvals = createApprovalDesk({ clock, onChange: () => changes.announce(['approvals', 'state']) })
    const health = createConnectionHealth({
      clock,
      store,
      onChange: (changed) => changes.announce(changed ? ['health', 'state'] : ['health']),
    })
    closers.add(() => health.close())
    const own = createOwnAddress({ options, settings, clock, diagnostics, changes })
    closers.add(() => own.close())
    const onInternalError = (requestId: string, cause: unknown): void => diagnostics.internalError(requestId, cause)
    const connectors = createConnectors({
      store,
      secrets,
      clock,
      home,
      version,
      health,
      startWorker,
      ownPort: () => own.port,
      onError: (error) => onInternalError('connections', error),
      onNotes: (connection, notes) => diagnostics.upstreamNotes(connection, notes),
    })
    closers.add(() => connectors.close())
    const shared = { access, log, clock, onInternalError }
    const payloads = recordPayloads({
      store,
      secrets,
      clock,
      log,
      onError: (error) => onInternalError('payloads', error),
    })
    closers.add(() => payloads.close())
    const opener = createCallOpener({ ...shared, health, payloads, stopping: stopping.signal, read: store.read })
    const calls = createDocumentCalls({ opener, access, store, connectors, clock })
    const httpCalls = createHttpCalls({ opener, connections: connectors.http })
    const bridge = createBridge({
      ...shared,
      opener,
      calls,
      version,
      baseUrl: () => own.url,
      store,
      upstreams: connectors.mcp,
      sources: [createHttpTools({ connections: connectors.http, calls: httpCalls })],
      answerChars: () => settings.current.answer_chars,
      onClients,
    })
    // New or changed tools need the owner's review, so screens that show the connection must reload it.
    closers.add(connectors.mcp.onChange(() => changes.announce(['health'])))
    closers.add(() => bridge.close())
    reachChanged = () => {
      bridge.reachChanged()
      payloads.reload()
    }
    const signIns = storedSignIns(store)
    const console = options.console?.({ clock, signIns, opener, url: () => own.url, router: () => ownerRouter })
    const secretStore = createProbeMemory({
      probe: () => secrets.location.probe(),
      clock,
      onChange: () => changes.announce(['state']),
    })
    const readiness = createReadiness({ home, store, log, secretStore, clock })
    const server = createHttpServer({
      ...shared,
      opener,
      calls,
      httpCalls,
      bridge,
      version,
      rateLimiter: createRateLimiter({ clock }),
      allowedOrigins: () => settings.current.allowed_origins,
      ...(console === undefined ? {} : { console }),
      ready: () => readiness.check(),
      metrics:
        metrics && (async () => metrics.text(await readMetricsState({ version, readiness, access, store, health }))),
    })
    const sample = options.sample === false ? null : await makeSample({ store, access, clock, home, startWorker })
    await own.listen(server)
    closers.add(() => server.close({ graceMs: drainMs + LAST_ANSWER_MS }))
    closers.add(() => console?.close())
    closers.add(() => {
      setTimeout(() => stopping.abort(), drainMs).unref()
      // The owner can no longer decide, and pending approvals would delay the stop.
      approvals.close()
    })

    connectors.watch()
    const stopRequest = Promise.withResolvers<void>()
    // The store adds a notice later if its check in the background finds damage.
    const notices = (): string[] => [...own.notices, ...store.notices]
    const tokensOf = async (project: string) => (store.read.project(project) ? access.tokens(project) : null)
    const ownerRouter = createOwnerRouter({
      store,
      access,
      approvals,
      changes,
      opener,
      log,
      payloads,
      secrets,
      connectors,
      health,
      clock,
      closers,
      settings,
      sightings,
      bridge,
      secretStoreOk: () => secretStore.ok,
      checkNetwork: (change) => checkNetworkSettings(options, change),
      certificateProblem: () => own.problem,
      rebind: () => own.rebind(),
      restartNeeded: () => own.restartNeeded(),
      problems: () => readiness.problems(),
      checkSecretStore: () => secretStore.check(),
      ...(console === undefined ? {} : { console }),
      ...(options.clients && {
        clients: lazyClients({ ...options.clients, clock, folder: join(home, 'clients'), tokens: tokensOf }),
      }),
      report: (error) => diagnostics.internalError('owner', error.cause),
      status: () => ({
        version,
        pid: process.pid,
        home,
        url: own.url,
        started_at: startedAt,
        secret_store: secrets.location.description,
        secret_store_kind: secrets.location.kind,
        listening: own.listening,
        notices: notices(),
        console_url: console?.address(),
      }),
      stop: () => stopRequest.resolve(),
    })
    return {
      get url() {
        return own.url
      },
      sample,
      notices: notices(),
      ownerRouter,
      stop: () => closers.closeAll(),
      secretStore: secrets.location.description,
      stopRequested: stopRequest.promise,
      flushLog: () => log.flush(),
      findProblems: async () => (await readiness.findProblems()).map(({ sentence }) => sentence),
      serveStream: (input, output, context) => bridge.serveStream(input, output, context),
    }
  } catch (thrown) {
    // The reason for not starting is more useful than a failure to close.
    await closers.closeAll().catch(() => undefined)
    throw thrown
  }
}
