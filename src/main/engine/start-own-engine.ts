import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EngineOptions } from '../../engine/engine-options.ts'
import type { OwnEngine } from './own-engine.ts'
import type { ReachedEngine } from './reached-engine.ts'

type RunOwnEngine = (options: EngineOptions, client?: readonly string[]) => Promise<OwnEngine>

/** The engine needs the Node that Hallpass is made for; an older runtime can only attach to one elsewhere. */
export function canRunEngine(nodeVersion: string): boolean {
  return Number(nodeVersion.split('.')[0]) >= 24
}

/** The engine's own bundle: an ES module, which a CommonJS one can only load late. */
export async function loadEngine(dist: string): Promise<RunOwnEngine> {
  const { runOwnEngine } = (await import(pathToFileURL(join(dist, 'engine.js')).href)) as { runOwnEngine: RunOwnEngine }
  return runOwnEngine
}

/** Starts the engine in this process. Calls `onStopRequested` when the owner asked it to stop, because this program then quits too. */
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
    // It ends with this process, and before that only through `close`.
    ended: new Promise(() => {}),
    flushLog: () => own.flushLog(),
    close: () => own.stop(),
  }
}
