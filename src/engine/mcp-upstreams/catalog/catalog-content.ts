import type { UpstreamFacts } from '../session/handshake.ts'
import type { JsonObject } from '../../text/json.ts'
import type { EraMemory } from '../session/upstream-link.ts'

/** An upstream's lists as stored on disk: as received, within limits. */
export interface CatalogContent {
  facts: UpstreamFacts
  eras: EraMemory
  tools: JsonObject[]
  resources: JsonObject[]
  resourceTemplates: JsonObject[]
  prompts: JsonObject[]
  leftOut: string | null
}

export const LIST_NAMES = ['tools', 'resources', 'resourceTemplates', 'prompts'] as const
export type ListName = (typeof LIST_NAMES)[number]
