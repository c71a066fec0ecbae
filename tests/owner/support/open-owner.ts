import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRouterClient } from '@orpc/server'
import { onTestFinished } from 'vitest'
import { createApprovalDesk } from '../../../src/engine/access/approvals.ts'
import { createAccess } from '../../../src/engine/access/create-access.ts'
import { createChanges } from '../../../src/engine/changes.ts'
import { systemClock as clock } from '../../../src/engine/clock.ts'
import { createClosers } from '../../../src/engine/closers.ts'
import { createConnectors } from '../../../src/engine/connections/connectors.ts'
import { createConnectionHealth } from '../../../src/engine/connections/health.ts'
import { createRequestLog } from '../../../src/engine/log/create-request-log.ts'
import { createBridge } from '../../../src/engine/bridge/create-bridge.ts'
import { createDocumentCalls } from '../../../src/engine/calls/document-calls.ts'
import { createClientSightings } from '../../../src/engine/log/client-sightings.ts'
import { createCallOpener } from '../../../src/engine/calls/open-call.ts'
import { createOwnerRouter } from '../../../src/engine/owner/create-owner-router.ts'
import type { OwnerParts } from '../../../src/engine/owner/owner-parts.ts'
import type { Secret } from '../../../src/engine/secrets/secret.ts'
import type { SecretStore } from '../../../src/engine/secrets/secret-store.ts'
import { openSettings } from '../../../src/engine/settings.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'

/** The owner API with real modules, and secrets that a test can count. Closed at the end of the test. */
export function openOwner(more: Partial<OwnerParts> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'hallpass-owner-'))
  const home = join(folder, 'home')
  const store = openStore({ home, clock })
  const kept = new Map<string, Secret>()
  const secrets = secretsIn(kept)
  const changes = createChanges(clock)
  const log = createRequestLog({ store, clock, strict: () => false, retention: { days: 30, rows: 1_000_000 } })
  const access = createAccess({ store, clock })
  const approvals = createApprovalDesk({ clock, onChange: () => changes.announce(['approvals', 'state']) })
  const health = createConnectionHealth({ clock, store, onChange: () => changes.announce(['health']) })
  const connectors = createConnectors({
    store,
    secrets,
    clock,
    home,
    version: '0',
    health,
    ownPort: () => null,
    onError: () => undefined,
    onNotes: () => undefined,
  })
  const opener = createCallOpener({
    access,
    log,
    clock,
    stopping: new AbortController().signal,
    read: store.read,
    onInternalError: () => undefined,
  })
  const calls = createDocumentCalls({ opener, access, store, connectors, clock })
  const bridge = createBridge({
    access,
    opener,
    calls,
    log,
    clock,
    store,
    version: '0',
    baseUrl: () => 'http://127.0.0.1:1',
    upstreams: connectors.mcp,
  })
  const sightings = createClientSightings({ store, clock, onChange: () => changes.announce(['clients']) })
  const closers = createClosers()
  const parts: OwnerParts = {
    store,
    access,
    approvals,
    changes,
    opener,
    bridge,
    sightings,
    log,
    payloads: { read: (id) => store.payloads.read(id, clock.now()) },
    secrets,
    connectors,
    health,
    clock,
    closers,
    settings: openSettings(store),
    secretStoreOk: () => true,
    rebind: async () => undefined,
    restartNeeded: () => [],
    problems: async () => [],
    checkSecretStore: async () => null,
    status: () => ({
      version: '0',
      pid: 1,
      home,
      url: 'http://127.0.0.1:1',
      started_at: '',
      secret_store: 'memory',
      secret_store_kind: 'vault' as const,
      notices: [],
      listening: { host: '127.0.0.1', port: 1, beyond_loopback: false, tls: false },
    }),
    stop: () => undefined,
    ...more,
  }
  onTestFinished(async () => {
    await closers.closeAll()
    await bridge.close()
    await connectors.close()
    sightings.close()
    for (const room of [health, approvals, access, log, changes, store]) room.close()
    rmSync(folder, { recursive: true, force: true })
  })
  return { folder, home, parts, kept, owner: createRouterClient(createOwnerRouter(parts)) }
}

function secretsIn(kept: Map<string, Secret>): SecretStore {
  const fetch = async (account: string): Promise<Secret> => {
    const secret = kept.get(account)
    if (secret === undefined) throw new Error('no such secret')
    return secret
  }
  return {
    location: {
      kind: 'vault',
      description: 'memory',
      get: fetch,
      probe: async () => undefined,
      set: async (account, secret) => void kept.set(account, secret),
      delete: async (account) => void kept.delete(account),
    },
    async keep(account, secret) {
      kept.set(account, secret)
      return 'vault'
    },
    checkReference: async () => undefined,
    fetch: (_home, account) => fetch(account),
    forget: async (_home, account) => void kept.delete(account),
  }
}
