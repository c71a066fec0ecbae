import type { TlsFiles } from '../contract/settings.ts'
import type { Clock } from './clock.ts'
import type { CreateConsole } from './web-console.ts'
import type { ClientLaunch } from './clients/client-connections.ts'
import type { StartWorker } from './documents/sqlite/worker-process.ts'

export { networkFrom, type NetworkFlags } from './network-environment.ts'
export { takeVaultKey, VAULT_KEY_VARIABLES } from './secrets/vault-key.ts'

export interface EngineOptions {
  /** Data folder, created with mode 0700. */
  home: string
  /** Overrides the setting. */
  host?: string
  /** The owner accepts a `host` that other computers can reach. */
  allowNetwork?: boolean
  /** Paths of PEM files for HTTPS instead of HTTP. They are read again when they change. Overrides the setting. */
  tls?: TlsFiles
  /** Addresses and networks of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto headers count. Overrides the setting. */
  trustedProxies?: readonly string[]
  /** Origin at which callers reach the engine, if it isn't the listen address. Overrides the setting. */
  publicUrl?: string
  /** Overrides the setting. 0 picks a free port. */
  port?: number
  vaultKey?: string
  logLevel?: string
  /** How long running requests may take once the engine stops. Default: 5 s. */
  drainMs?: number
  clock?: Clock
  /** Creates the sample project at the first start. Default: true. */
  sample?: boolean
  /** Serves GET /metrics without a token, for Prometheus. Default: false. */
  metrics?: boolean
  /** Serves the web console under /console. For a headless engine. */
  console?: CreateConsole
  /** How MCP clients of this user start Hallpass, and where their configurations are; left out, none can be connected. */
  clients?: ClientLaunch | undefined
  /** How the workers of SQLite documents are started, where plain Node cannot be forked. */
  startWorker?: StartWorker
}
