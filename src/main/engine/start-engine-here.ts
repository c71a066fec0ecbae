import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EngineOptions } from '../../engine/engine-options.ts'
import type { HeldEngine } from './hold-engine.ts'
import type { ReachedEngine } from './reached-engine.ts'

type HoldEngine = (options: EngineOptions, client?: readonly string[]) => Promise<HeldEngine>

/** The engine needs the Node that Hallpass is made for; an older runtime can only attach to one elsewhere. */
export function canHoldEngine(nodeVersion: string): boolean {
  return Number(nodeVersion.split('.')[0]) >= 24
}

/** The engine's own bundle: an ES module, which a CommonJS one can only load late. */
export async function loadEngine(dist: string): Promise<HoldEngine> {
  const { holdEngine } = (await import(pathToFileURL(join(dist, 'engine.js')).href)) as { holdEngine: HoldEngine }
  return holdEngine
}

/** Starts the engine in this process. `onStopRequested`: the owner asked for its end, so the program that holds it ends too. */
export async function startEngineHere(
  hold: HoldEngine,
  options: EngineOptions,
  onStopRequested: () => void,
): Promise<ReachedEngine> {
  const held = await hold(options)
  void held.stopRequested.then(onStopRequested)
  return {
    place: 'running',
    owner: held.owner,
    // It ends with this process, and before that only through `close`.
    ended: new Promise(() => {}),
    close: () => held.stop(),
  }
}
