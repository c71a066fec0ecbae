import type { Clock } from './clock.ts'
import type { CreateConsole } from './console-face.ts'
import type { ClientLaunch } from './clients/client-connections.ts'
import type { StartWorker } from './documents/sqlite/worker-process.ts'

export { takeVaultKey } from './secrets/vault-key.ts'

export interface EngineOptions {
  /** Data folder; made with mode 0700. */
  home: string
  /** Overrules the setting. */
  host?: string
  /** Overrules the setting; 0 picks a free one. */
  port?: number
  vaultKey?: string
  logLevel?: string
  /** How long running requests may take to end once the engine stops; 5 s by default. */
  drainMs?: number
  clock?: Clock
  /** Makes the sample project at first start; default true. */
  sample?: boolean
  /** Serves the web console under /console: for a headless engine. */
  console?: CreateConsole
  /** How MCP clients of this user start Hallpass, and where their configurations are; left out, none can be connected. */
  clients?: ClientLaunch | undefined
  /** How the workers of SQLite documents are started, where plain Node cannot be forked. */
  startWorker?: StartWorker
}
