import type { Permission } from '../../../contract/grants.ts'
import type { Clock } from '../../clock.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import type { Store } from '../../store/store.ts'
import type { JsonObject } from '../../text/json.ts'
import { untilAborted } from '../../text/until-aborted.ts'
import type { McpCatalog } from '../mcp-upstreams.ts'
import { validTool } from '../protocol/valid-definition.ts'
import type { CatalogContent } from './catalog-content.ts'
import { catalogView, listedTools } from './catalog-view.ts'
import { createOwnerTools, type OwnerTools } from './owner-tools.ts'
import { LIST_BOUNDS } from './list-upstream.ts'
import { createToolReviews, fingerprint, nameOf, permissionOf, quarantineSentence, quoted } from './tool-reviews.ts'

interface CatalogParts {
  row: ConnectionRow
  store: Pick<Store, 'read' | 'write'>
  clock: Clock
  trustsAll: boolean
  /** Returns the names of tools of other connections, which a tool's text has no reason to mention. */
  elsewhere(): ReadonlySet<string>
  /** Lists the upstream within a time limit. Rejects with an error that `sentence` can describe. */
  list(): Promise<CatalogContent>
  sentence(thrown: unknown): string
  /** Runs the work once one of the few slots for starts is free. */
  inTurn<T>(work: () => Promise<T>): Promise<T>
  onChange(): void
  onOutcome(problem: string | null, latencyMs: number): void
}

/** What is known of one upstream, stored on disk, refreshed in the background. */
export interface Catalog extends OwnerTools {
  current(): McpCatalog
  /** Returns what is known without starting a refresh that is due. */
  known(): McpCatalog
  refreshed(signal: AbortSignal, force?: boolean): Promise<McpCatalog>
  /** Call it when the upstream announced changed lists, or failed and should be checked after a while. */
  outdated(afterMs?: number): void
  decide(tool: string): { permission: Permission; refused: string | null } | null
  schemaOf(tool: string): unknown
  filtered(result: JsonObject): JsonObject
  /** Takes the tools that an open session lists now, so that a changed one needs review before it is called. */
  relisted(tools: readonly JsonObject[]): void
  /** Takes the lists from before the connection was stored. Its tools are accepted, because the owner just added it. */
  adopt(content: CatalogContent): void
  close(): void
}

const POSITIVE_MS = 5 * 60_000
const FIRST_NEGATIVE_MS = 15_000
/** Maximum time between checks of an upstream that is down. */
const LONGEST_NEGATIVE_MS = 60_000
/** Minimum time between refreshes, however often the upstream announces changes. */
const CALM_MS = 2000

export function createCatalog(parts: CatalogParts): Catalog {
  const { row, store, clock, trustsAll, list, onChange } = parts
  const stored = store.read.mcpCatalog(row.id)
  const reviews = createToolReviews(store, row.id, trustsAll)
  /** What is wrong with a tool. Each call asks for it. */
  const problems = new WeakMap<JsonObject, string | null>()
  let content: CatalogContent | null = stored === null ? null : (JSON.parse(stored.content) as CatalogContent)
  let storedText = stored?.content ?? null
  let fetchedAt = stored?.fetched_at ?? null
  let revision = 1
  let view: McpCatalog | null = null
  let problem: string | null = null
  let failures = 0
  let dueAt =
    fetchedAt === null
      ? -Infinity
      : clock.monotonic() + Math.min(POSITIVE_MS, Math.max(0, fetchedAt + POSITIVE_MS - clock.now()))
  let startedAt = -Infinity
  let running: Promise<void> | null = null
  let changedMeanwhile = false
  let cancelStart: () => void = () => undefined
  let closed = false

  function changed(): void {
    revision += 1
    view = null
    onChange()
  }

  function take(next: CatalogContent): void {
    const text = JSON.stringify(next)
    // Trust on first use: the tools at the first listing are the ones that the owner added.
    if ((content === null && reviews.isEmpty) || trustsAll) reviews.trust(next.tools)
    fetchedAt = clock.now()
    store.write.setMcpCatalog(row.id, text === storedText ? null : text, fetchedAt)
    const isSame = text === storedText && problem === null
    content = next
    storedText = text
    problem = null
    failures = 0
    dueAt = clock.monotonic() + POSITIVE_MS
    if (isSame) view = null
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
      const before = problem
      problem = parts.sentence(thrown)
      dueAt = clock.monotonic() + Math.min(LONGEST_NEGATIVE_MS, FIRST_NEGATIVE_MS * 2 ** (failures - 1))
      parts.onOutcome(problem, clock.monotonic() - startedAt)
      // The owner should see that it is back, even if nobody requests its tools.
      if (!closed) startWhenDue()
      if (before === problem) view = null
      else changed()
    }
  }

  function start(): Promise<void> {
    running ??= parts.inTurn(refresh).finally(() => {
      running = null
      if (changedMeanwhile && !closed) refreshSoon()
      changedMeanwhile = false
    })
    return running
  }

  function refreshSoon(afterMs = 0): void {
    dueAt = Math.min(dueAt, Math.max(clock.monotonic() + afterMs, startedAt + CALM_MS))
    startWhenDue()
  }

  function startWhenDue(): void {
    cancelStart()
    cancelStart = clock.after(Math.max(0, dueAt - clock.monotonic()) + 1, () => {
      if (running === null && clock.monotonic() >= dueAt) void start()
    })
  }

  function viewNow(): McpCatalog {
    const state = content === null ? 'absent' : problem === null && clock.monotonic() < dueAt ? 'fresh' : 'stale'
    return (view ??= catalogView({ connection: row.name, state, problem, revision, fetchedAt }, content, reviews))
  }

  function outdated(afterMs?: number): void {
    // The running refresh may have been answered before the change.
    if (running !== null) changedMeanwhile = true
    else refreshSoon(afterMs)
  }

  const find = (tool: string): JsonObject | undefined => content?.tools.find((one) => nameOf(one) === tool)

  const ownerTools = createOwnerTools({
    connection: row.name,
    reviews,
    listed: () => content?.tools ?? [],
    elsewhere: parts.elsewhere,
    changed,
  })

  return {
    known: viewNow,
    current() {
      if (running === null && clock.monotonic() >= dueAt) void start()
      return viewNow()
    },
    async refreshed(signal, force = false) {
      if (force || running !== null || clock.monotonic() >= dueAt)
        await untilAborted(start(), signal).catch((thrown: unknown) => {
          // A caller that aborts gets what is known so far.
          if (!signal.aborted) throw thrown
        })
      return viewNow()
    },
    outdated,
    decide(tool) {
      const definition = find(tool)
      if (definition === undefined) return null
      const malformed = problems.has(definition) ? problems.get(definition) : validTool(definition).problem
      problems.set(definition, malformed ?? null)
      const review = reviews.stateOf(definition)
      const state = review === 'accepted' && reviews.of(tool)?.enabled === false ? 'off' : review
      return {
        permission: permissionOf(definition, reviews.of(tool)),
        refused: malformed
          ? `Tool ${quoted(tool)} of "${row.name}" can't be used, because it ${malformed}.`
          : state === 'accepted'
            ? null
            : quarantineSentence(tool, row.name, state),
      }
    },
    schemaOf: (tool) => find(tool)?.['inputSchema'],
    filtered(result) {
      const { tools } = result
      return { ...result, tools: Array.isArray(tools) ? listedTools(tools, reviews) : [] }
    },
    relisted(tools) {
      if (content === null) return outdated()
      const known = new Map(content.tools.map((one) => [nameOf(one), one]))
      const differing = tools.filter((one) => {
        const before = known.get(nameOf(one))
        // Each session of a hostile upstream could list other names, until the refresh replaces them all.
        return before === undefined ? known.size < LIST_BOUNDS.items : fingerprint(before) !== fingerprint(one)
      })
      // A client may be shown fewer tools than Hallpass, so missing ones don't count as removed.
      if (differing.length === 0) return
      for (const one of differing) known.set(nameOf(one), one)
      take({ ...content, tools: [...known.values()] })
      outdated()
    },
    ...ownerTools,
    adopt: take,
    close() {
      closed = true
      cancelStart()
    },
  }
}
