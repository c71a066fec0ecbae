import { join } from 'node:path'
import { VAULT_KEY_VARIABLES } from '../../engine/engine-options.ts'
import type { EngineSources } from './reached-engine.ts'
import { attachEngine } from './attach-engine.ts'
import { engineEnvironment } from './engine-environment.ts'
import { sqlWorkerProcesses } from './sql-worker-process.ts'
import { canRunEngine, loadEngine, startOwnEngine } from './start-own-engine.ts'

interface EngineSourceParts {
  home: string
  /** The build's folder. */
  dist: string
  environment: NodeJS.ProcessEnv
  /** Version of this app. */
  version: string
  /** Command that starts this app for an MCP client. Undefined if there is none. */
  client?: readonly string[] | undefined
  /** Called when the owner stops this process's engine through any interface. */
  onStopRequested(): void
}

/** Returns the two sources of an engine for this data folder: one that already runs, or a new one in this process. */
export function engineSources(parts: EngineSourceParts): EngineSources {
  const { home, dist, version, client, onStopRequested } = parts
  const environment = { ...parts.environment }
  // The app's child processes, or a dump of its environment, must not contain the vault key.
  for (const name of VAULT_KEY_VARIABLES) delete parts.environment[name]
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
