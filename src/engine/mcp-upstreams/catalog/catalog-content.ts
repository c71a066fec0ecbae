import type { UpstreamFacts } from '../session/handshake.ts'
import type { JsonObject } from '../../text/json.ts'
import type { EraMemory } from '../session/upstream-link.ts'

/** What is kept on disk of an upstream: its lists as it gave them, within bounds. */
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
