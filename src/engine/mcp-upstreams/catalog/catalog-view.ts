import { isTooDeep, objectOf, type JsonObject } from '../../text/json.ts'
import { visible, visibleDefinition } from '../../text/visible-text.ts'
import type { McpCatalog, McpTool } from '../mcp-upstreams.ts'
import {
  validPrompt,
  validResource,
  validResourceTemplate,
  validTool,
  type Repaired,
} from '../protocol/valid-definition.ts'
import type { CatalogContent } from './catalog-content.ts'
import { createCatalogNotes } from './catalog-notes.ts'
import { nameOf, permissionOf, type ToolReviews } from './tool-reviews.ts'

/** What is known of a catalog apart from its lists. */
type CatalogState = Pick<McpCatalog, 'connection' | 'state' | 'problem' | 'revision' | 'fetchedAt'>

/** Returns the catalog for clients: only accepted tools, only valid definitions, hidden characters made visible. */
export function catalogView(state: CatalogState, content: CatalogContent | null, reviews: ToolReviews): McpCatalog {
  const quarantined: McpCatalog['quarantined'] = []
  const notes = createCatalogNotes()
  const tools: McpTool[] = []

  function valid(label: string, name: string, declared: JsonObject, repaired: Repaired): JsonObject | null {
    notes.add(`${label} "${visible(name.slice(0, 80))}"`, declared, repaired)
    return repaired.definition === null ? null : visibleDefinition(repaired.definition)
  }

  function validList(
    label: string,
    key: string,
    items: JsonObject[] = [],
    repair: (item: JsonObject) => Repaired,
  ): JsonObject[] {
    return items.map((item) => valid(label, String(item[key]), item, repair(item))).filter((item) => item !== null)
  }

  for (const declared of content?.tools ?? []) {
    const name = nameOf(declared)
    const definition = valid('tool', name, declared, validTool(declared))
    const review = reviews.stateOf(declared)
    if (definition === null) quarantined.push({ name, reason: 'malformed' })
    else if (review !== 'accepted') quarantined.push({ name, reason: review })
    else if (reviews.of(name)?.enabled === false) quarantined.push({ name, reason: 'off' })
    else tools.push({ name, definition, permission: permissionOf(declared, reviews.of(name)) })
  }
  const instructions = content?.facts.instructions ?? null
  const lists = {
    resources: validList('resource', 'uri', content?.resources, validResource),
    resourceTemplates: validList('resource template', 'uriTemplate', content?.resourceTemplates, validResourceTemplate),
    prompts: validList('prompt', 'name', content?.prompts, validPrompt),
  }
  return {
    ...state,
    era: content?.facts.era ?? null,
    protocolVersion: content?.facts.protocolVersion ?? null,
    serverInfo: content?.facts.serverInfo ?? null,
    capabilities: content?.facts.capabilities ?? {},
    instructions: instructions === null ? null : visible(instructions),
    tools,
    quarantined,
    ...lists,
    leftOut: notes.text(content?.leftOut ?? null),
  }
}

/** Returns the valid items of a raw `tools/list` result that clients can see. */
export function listedTools(items: readonly unknown[], reviews: ToolReviews): JsonObject[] {
  return items.flatMap((item) => {
    const declared = objectOf(item)
    if (declared === null || typeof declared['name'] !== 'string' || isTooDeep(declared)) return []
    const { definition } = validTool(declared)
    const isOn = reviews.stateOf(declared) === 'accepted' && reviews.of(declared['name'])?.enabled !== false
    return definition !== null && isOn ? [visibleDefinition(definition)] : []
  })
}

const REPAIRS: Readonly<
  Record<string, readonly [key: string, identity: string, repair: (item: JsonObject) => Repaired]>
> = {
  'prompts/list': ['prompts', 'name', validPrompt],
  'resources/list': ['resources', 'uri', validResource],
  'resources/templates/list': ['resourceTemplates', 'uriTemplate', validResourceTemplate],
}

/** Returns a raw result of any other list with valid items only. */
export function listedOthers(method: string, result: JsonObject): JsonObject {
  const [key, identity, repair] = REPAIRS[method] ?? []
  if (key === undefined || identity === undefined || repair === undefined) return result
  const items = Array.isArray(result[key]) ? (result[key] as unknown[]) : []
  return {
    ...result,
    [key]: items.flatMap((item) => {
      const declared = objectOf(item)
      if (declared === null || typeof declared[identity] !== 'string' || isTooDeep(declared)) return []
      const { definition } = repair(declared)
      return definition === null ? [] : [visibleDefinition(definition)]
    }),
  }
}
