import { HallpassError } from '../../../contract/errors.ts'
import type { Permission } from '../../../contract/grants.ts'
import type { McpToolRecord, ToolAcceptance } from '../../../contract/mcp-connection.ts'
import type { Clock } from '../../clock.ts'
import type { ConnectionRow, McpToolRow } from '../../store/rows.ts'
import type { Store } from '../../store/store.ts'
import type { McpCatalog, McpTool } from '../mcp-upstreams.ts'
import { isTooDeep, objectOf, type JsonObject } from '../../text/json.ts'
import { visible, visibleDefinition } from '../../text/visible-text.ts'
import type { CatalogContent } from './catalog-content.ts'
import { digestOf, fingerprint, permissionOf, removedRecord, stateOf, toolRecord } from './tool-trust.ts'

export interface CatalogParts {
  row: ConnectionRow
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  trustsAll: boolean
  /** Asks the upstream; bounded in time. Rejects with what `sentence` can put in words. */
  list(): Promise<CatalogContent>
  sentence(thrown: unknown): string
  /** Runs the work when one of the few places for starts is free. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  onChange(): void
  onOutcome(problem: string | null, latencyMs: number): void
}

/** What is known of one upstream, kept on disk, refreshed in the background. */
export interface Catalog {
  current(): McpCatalog
  refreshed(signal: AbortSignal, force?: boolean): Promise<McpCatalog>
  /** The upstream's lists are not what they were. */
  outdated(): void
  judge(tool: string): { permission: Permission; refused: string | null } | null
  schemaOf(tool: string): unknown
  filtered(result: JsonObject): JsonObject
  tools(): McpToolRecord[]
  accept(tools: readonly ToolAcceptance[]): void
  setPermission(tool: string, permission: Permission | null): void
  /** What was listed before the connection was kept: its tools are accepted, as its owner has just added it. */
  adopt(content: CatalogContent): void
  /** No refresh starts by itself any more. */
  close(): void
}

export const POSITIVE_MS = 5 * 60_000
const FIRST_NEGATIVE_MS = 15_000
/** A storm of list-changed costs one refresh in this time. */
const CALM_MS = 2000

export function createCatalog(parts: CatalogParts): Catalog {
  const { row, store, clock, trustsAll, list, onChange } = parts
  const stored = store.read.mcpCatalog(row.id)
  let content: CatalogContent | null = stored === null ? null : (JSON.parse(stored.content) as CatalogContent)
  let kept = stored?.content ?? null
  let fetchedAt = stored?.fetched_at ?? null
  let rows = new Map(store.read.mcpTools(row.id).map((one) => [one.name, one]))
  let revision = 1
  let shown: McpCatalog | null = null
  let problem: string | null = null
  let failures = 0
  let dueAt =
    fetchedAt === null
      ? -Infinity
      : clock.monotonic() + Math.min(POSITIVE_MS, Math.max(0, fetchedAt + POSITIVE_MS - clock.now()))
  let startedAt = -Infinity
  let running: Promise<void> | null = null
  let changedMeanwhile = false
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function changed(): void {
    revision += 1
    shown = null
    onChange()
  }

  function writeRows(next: readonly McpToolRow[]): void {
    if (next.length === 0) return
    store.write.setMcpTools(row.id, next)
    rows = new Map(rows)
    for (const one of next) rows.set(one.name, one)
  }

  function acceptAll(definitions: readonly JsonObject[]): void {
    writeRows(definitions.filter((one) => stateOf(one, rows.get(nameOf(one))) !== 'accepted').map(acceptedRow))
  }

  function acceptedRow(definition: JsonObject): McpToolRow {
    const name = nameOf(definition)
    return { name, accepted: fingerprint(definition), permission: rows.get(name)?.permission ?? null }
  }

  function take(next: CatalogContent): void {
    const text = JSON.stringify(next)
    // Trust on first sight: what there is when the upstream is first seen is what its owner added.
    if ((content === null && rows.size === 0) || trustsAll) acceptAll(next.tools)
    fetchedAt = clock.now()
    store.write.setMcpCatalog(row.id, text === kept ? null : text, fetchedAt)
    const same = text === kept && problem === null
    content = next
    kept = text
    problem = null
    failures = 0
    dueAt = clock.monotonic() + POSITIVE_MS
    if (same) shown = null
    else changed()
  }

  async function refresh(): Promise<void> {
    startedAt = clock.monotonic()
    try {
      const next = await list()
      take(next)
      parts.onOutcome(null, clock.monotonic() - startedAt)
    } catch (thrown) {
      failures += 1
      const sentence = parts.sentence(thrown)
      const told = problem
      problem = sentence
      dueAt = clock.monotonic() + Math.min(POSITIVE_MS, FIRST_NEGATIVE_MS * 2 ** (failures - 1))
      parts.onOutcome(sentence, clock.monotonic() - startedAt)
      // Its owner should see it come back, though nobody asks for its tools meanwhile.
      if (!closed) startWhenDue()
      if (told === sentence) shown = null
      else changed()
    }
  }

  function start(): Promise<void> {
    running ??= parts.inTurn(refresh).finally(() => {
      running = null
      if (changedMeanwhile && !closed) lookAgain()
      changedMeanwhile = false
    })
    return running
  }

  function lookAgain(): void {
    dueAt = Math.min(dueAt, Math.max(clock.monotonic(), startedAt + CALM_MS))
    startWhenDue()
  }

  function startWhenDue(): void {
    clearTimeout(timer)
    timer = setTimeout(
      () => {
        if (running === null && clock.monotonic() >= dueAt) void start()
      },
      Math.max(0, dueAt - clock.monotonic()) + 1,
    )
    timer.unref()
  }

  function current(): McpCatalog {
    if (running === null && clock.monotonic() >= dueAt) void start()
    return (shown ??= build())
  }

  function build(): McpCatalog {
    const quarantined: McpCatalog['quarantined'] = []
    const tools: McpTool[] = []
    for (const definition of content?.tools ?? []) {
      const name = nameOf(definition)
      const state = trustsAll ? 'accepted' : stateOf(definition, rows.get(name))
      if (state === 'accepted')
        tools.push({
          name,
          definition: visibleDefinition(definition),
          permission: permissionOf(definition, rows.get(name)),
        })
      else quarantined.push({ name, reason: state })
    }
    const state = content === null ? 'absent' : problem === null && clock.monotonic() < dueAt ? 'fresh' : 'stale'
    return {
      connection: row.name,
      state,
      problem,
      revision,
      fetchedAt,
      era: content?.facts.era ?? null,
      protocolVersion: content?.facts.protocolVersion ?? null,
      serverInfo: content?.facts.serverInfo ?? null,
      capabilities: content?.facts.capabilities ?? {},
      instructions:
        content?.facts.instructions === undefined || content.facts.instructions === null
          ? null
          : visible(content.facts.instructions),
      tools,
      quarantined,
      resources: (content?.resources ?? []).map(visibleDefinition),
      resourceTemplates: (content?.resourceTemplates ?? []).map(visibleDefinition),
      prompts: (content?.prompts ?? []).map(visibleDefinition),
      leftOut: content?.leftOut ?? null,
    }
  }

  const find = (tool: string): JsonObject | undefined => content?.tools.find((one) => nameOf(one) === tool)

  return {
    current,
    async refreshed(signal, force = false) {
      if (force || running !== null || clock.monotonic() >= dueAt) await Promise.race([start(), aborted(signal)])
      return (shown ??= build())
    },
    outdated() {
      // What is being asked for now may have been said before the change.
      if (running !== null) changedMeanwhile = true
      else lookAgain()
    },
    judge(tool) {
      const definition = find(tool)
      if (definition === undefined) return null
      const known = rows.get(tool)
      const state = trustsAll ? 'accepted' : stateOf(definition, known)
      return {
        permission: permissionOf(definition, known),
        refused: state === 'accepted' ? null : quarantineSentence(tool, row.name, state),
      }
    },
    schemaOf: (tool) => find(tool)?.['inputSchema'],
    filtered(result) {
      const { tools } = result
      if (!Array.isArray(tools)) return result
      const offered = tools.filter((one: unknown) => {
        const definition = objectOf(one)
        return (
          definition !== null &&
          !isTooDeep(definition) &&
          (trustsAll || stateOf(definition, rows.get(nameOf(definition))) === 'accepted')
        )
      })
      return { ...result, tools: offered.map(visibleDefinition) }
    },
    tools() {
      const there = content?.tools ?? []
      const names = new Set(there.map(nameOf))
      const gone = [...rows.values()].filter((one) => one.accepted !== null && !names.has(one.name))
      return [...there.map((one) => toolRecord(one, rows.get(nameOf(one)), trustsAll)), ...gone.map(removedRecord)]
    },
    accept(tools) {
      const definitions = tools.map((one) => {
        const name = typeof one === 'string' ? one : one.name
        const definition = find(name) ?? unknownTool(name, row.name)
        if (typeof one === 'string' || one.fingerprint === digestOf(definition)) return definition
        throw new HallpassError(
          'INVALID_REQUEST',
          `tools: “${visible(name.slice(0, 100))}” of “${row.name}” changed again since you looked. Look at it once more.`,
        )
      })
      writeRows(definitions.map(acceptedRow))
      changed()
    },
    setPermission(tool, permission) {
      if (find(tool) === undefined && !rows.has(tool)) unknownTool(tool, row.name)
      const next = { name: tool, accepted: rows.get(tool)?.accepted ?? null, permission }
      store.write.setMcpToolPermission(row.id, next)
      rows = new Map(rows).set(tool, next)
      changed()
    },
    adopt: (next) => take(next),
    close() {
      closed = true
      clearTimeout(timer)
    },
  }
}

function nameOf(definition: JsonObject): string {
  return String(definition['name'])
}

function quarantineSentence(tool: string, connection: string, state: 'new' | 'changed'): string {
  const what = state === 'new' ? 'is new' : 'is not what it was'
  return `The tool “${visible(tool.slice(0, 100))}” of “${connection}” ${what} since the owner accepted its tools. The owner must look at it and accept it first.`
}

function unknownTool(name: string, connection: string): never {
  throw new HallpassError('INVALID_REQUEST', `tool: “${connection}” has no tool “${visible(name.slice(0, 100))}”.`)
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
