import { join } from 'node:path'
import type { EngineSources } from './reached-engine.ts'
import { attachEngine } from './attach-engine.ts'
import { engineEnvironment } from './engine-environment.ts'
import { sqlWorkerProcesses } from './sql-worker-process.ts'
import { canRunEngine, loadEngine, startOwnEngine } from './start-own-engine.ts'

export interface EngineSourceParts {
  home: string
  /** Where the build lies. */
  dist: string
  environment: NodeJS.ProcessEnv
  /** Of this app. */
  version: string
  /** Words that start this app for an MCP client; undefined where it has none. */
  client?: readonly string[] | undefined
  /** The owner asked, through any face, that the engine in this process stop. */
  onStopRequested(): void
}

/** The two ways to an engine of this home: one that runs already, else one in this process. */
export function engineSources(parts: EngineSourceParts): EngineSources {
  const { home, dist, version, client, onStopRequested } = parts
  const environment = { ...parts.environment }
  // Children of the app, and a dump of its environment, must not hold the key to the vault.
  delete parts.environment['HALLPASS_VAULT_KEY']
  delete parts.environment['HALLPASS_VAULT_KEY_FILE']
  return {
    attach: () => attachEngine(home, version),
    start: canRunEngine(process.versions.node)
      ? async () => {
          const options = {
            home,
            ...engineEnvironment(environment),
            startWorker: sqlWorkerProcesses(join(dist, 'sql-worker.js')),
          }
          const hold = await loadEngine(dist)
          return startOwnEngine((given) => hold(given, client), options, onStopRequested)
        }
      : null,
  }
}
