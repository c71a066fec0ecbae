import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EngineOptions } from '../../engine/engine-options.ts'
import type { OwnEngine } from './own-engine.ts'
import type { ReachedEngine } from './reached-engine.ts'

type RunOwnEngine = (options: EngineOptions, client?: readonly string[]) => Promise<OwnEngine>

/**
 * Returns whether this runtime has the Node version that the engine needs. An older one can only attach to another
 * process's engine.
 */
export function canRunEngine(nodeVersion: string): boolean {
  return Number(nodeVersion.split('.')[0]) >= 24
}

/** Loads the engine's bundle. A CommonJS bundle can only import an ES module dynamically. */
export async function loadEngine(dist: string): Promise<RunOwnEngine> {
  const { runOwnEngine } = (await import(pathToFileURL(join(dist, 'engine.js')).href)) as { runOwnEngine: RunOwnEngine }
  return runOwnEngine
}

/**
 * Starts the engine in this process. Calls `onStopRequested` when the owner stops it, because this program then quits
 * too.
 */
export async function startOwnEngine(
  run: RunOwnEngine,
  options: EngineOptions,
  onStopRequested: () => void,
): Promise<ReachedEngine> {
  const own = await run(options)
  void own.stopRequested.then(onStopRequested)
  return {
    place: 'running',
    owner: own.owner,
    // Ends with this process, or through `close`.
    ended: new Promise(() => {}),
    flushLog: () => own.flushLog(),
    close: () => own.stop(),
  }
}
