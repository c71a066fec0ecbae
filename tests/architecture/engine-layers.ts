import { readdirSync } from 'node:fs'
import { join } from 'node:path'

/** The modules of the engine, lowest first. A module imports only from the lines above its own: siblings never import each other. */
export const LAYERS: readonly (readonly string[])[] = [
  ['text'],
  ['running'],
  ['egress', 'store', 'secrets'],
  ['access', 'log', 'clients'],
  ['documents', 'http-apis', 'mcp-upstreams'],
  ['connections'],
  ['calls'],
  ['bridge'],
  ['http', 'owner', 'sample', 'operations'],
]

/** Files at the engine's root that every module may use; of the others, types alone. */
export const SHARED_FILES: readonly string[] = ['clock.ts', 'follower.ts', 'interruption.ts', 'version.ts']

export function layerOf(module: string): number {
  return LAYERS.findIndex((layer) => layer.includes(module))
}

/** The modules that a module must not import. */
export function forbiddenFor(module: string): string[] {
  const own = layerOf(module)
  return LAYERS.flatMap((layer, index) => (index < own ? [] : layer)).filter((other) => other !== module)
}

const ENGINE = join(import.meta.dirname, '../../src/engine')

/** The lint override with the same rule. A module that contains a folder of that name is checked by the import walk only. */
export function lintZone(module: string): { files: string[]; group: string[]; message: string } {
  const inside = new Set(readdirSync(join(ENGINE, module), { recursive: true, encoding: 'utf8' }))
  return {
    files: [`src/engine/${module}/**`],
    group: forbiddenFor(module)
      .filter((other) => !inside.has(other))
      .map((other) => `**/${other}/**`),
    message: 'Modules of the engine import only from lower layers: see tests/architecture/engine-layers.ts.',
  }
}
