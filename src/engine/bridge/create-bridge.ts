import type { Tool } from '@modelcontextprotocol/server'
import { HallpassError } from '../../contract/errors.ts'
import type { Access } from '../access/access.ts'
import type { Principal } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import { documentsOf, type DocumentCalls, type DocumentEntry } from '../calls/document-calls.ts'
import type { CallOpener } from '../calls/open-call.ts'
import type { McpUpstreams } from '../mcp-upstreams/mcp-upstreams.ts'
import type { RequestLog } from '../log/request-log.ts'
import type { Store } from '../store/store.ts'
import type { Bridge } from './bridge.ts'
import { createHttpExchange, type LoadedExchanges } from './serve/http-exchange.ts'
import { createLeasePool } from './serve/sessionless/lease-pool.ts'
import { createListWatch } from './serve/list-watch.ts'
import { createProjectSummary } from './tools/project-summary.ts'
import { createRequestExchange } from './serve/sessionless/request-exchange.ts'
import { createSessionExchange } from './serve/sessions/session-exchange.ts'
import { createSessionIds } from './serve/sessions/session-ids.ts'
import { createSessionPool, type ConnectedClient } from './serve/sessions/session-pool.ts'
import { serveOverStream, type StdioSdk } from './serve/stream-server.ts'
import { createSurfaces, type SurfaceMode } from './tools/surface.ts'
import { createToolCalls, type OnInternalError } from './tools/tool-calls.ts'
import { createAnswerBounds } from './tools/answers/answer-bounds.ts'
import { createToolReaders } from './tools/answers/tool-readers.ts'
import { createAnswerStore } from './tools/answers/answer-store.ts'
import { DEFAULT_ANSWER_CHARS } from './tools/answers/bound-result.ts'
import { createToolDispatch } from './tools/tool-dispatch.ts'
import { countTools } from './tools/count-tools.ts'
import { createListedTools } from './tools/listed-tools.ts'
import { createToolLists } from './tools/tool-list.ts'
import type { ToolSource } from './tools/tool-source.ts'
import { createCatalogNames } from './upstream/catalog-names.ts'
import { createRequestStates } from './upstream/sessionless/request-states.ts'
import { createUpstreamService, type ResultTexts } from './upstream/serve-upstream.ts'
import { createTargets } from './upstream/targets.ts'

interface BridgeParts {
  access: Access
  opener: CallOpener
  calls: DocumentCalls
  log: RequestLog
  clock: Clock
  /** Version of Hallpass that clients see. */
  version: string
  /** Returns the URL at which scripts reach the proxy, such as `http://127.0.0.1:7717`. */
  baseUrl: () => string
  /** Stores the key of session IDs across restarts, and knows the kinds of connections. */
  store?: Pick<Store, 'read' | 'write'>
  onInternalError?: OnInternalError
  /** Maximum characters of one result where neither token nor project has its own. Null for no limit. */
  answerChars?: () => number | null
  /** Called when a client opened or closed a session. */
  onClients?: () => void
  /** MCP servers. None if omitted. */
  upstreams?: McpUpstreams
  /** Other connections that provide tools. */
  sources?: readonly ToolSource[]
}

interface Loaded extends LoadedExchanges {
  stdio: StdioSdk
}

/**
 * Creates the MCP bridge. The SDK is loaded for the first client, so that an engine without MCP clients starts fast.
 */
export function createBridge(options: BridgeParts): Bridge {
  const {
    access,
    opener,
    calls,
    log,
    clock,
    version,
    baseUrl,
    store,
    onInternalError = () => {},
    upstreams = NO_UPSTREAMS,
    sources = [],
    answerChars = () => DEFAULT_ANSWER_CHARS,
    onClients = () => {},
  } = options
  const pool = createSessionPool(clock, onClients)
  const streams = new Set<ConnectedClient>()
  const ids = createSessionIds(store)
  const onError = (error: unknown): void => onInternalError('mcp', error)
  const closing = new AbortController()
  const facts = createProjectSummary(store, answerChars)
  const { kindOf } = facts
  const toolLists = createToolLists()
  const answers = createAnswerStore(clock)
  const bounds = createAnswerBounds(answers, facts.answerCharsOf)
  const readers = createToolReaders()
  const toolCalls = createToolCalls({ access, opener, calls, baseUrl, onInternalError, kindOf, bounds })
  const names = createCatalogNames(upstreams)
  const surfaces = createSurfaces({ names, sources, kindOf, modeOf: facts.modeOf })
  const targets = createTargets({ upstreams, names, isUpstream: (connection) => kindOf(connection) === 'mcp' })
  const texts: ResultTexts = new WeakMap()
  const states = createRequestStates({ clock, ...(store === undefined ? {} : { store }) })
  const service = createUpstreamService({ opener, states, texts })
  const listWatch = createListWatch({ surfaces, upstreams, monotonic: () => clock.monotonic(), onError })
  const dispatch = createToolDispatch({
    calls,
    opener,
    toolLists,
    toolCalls,
    surfaces,
    sources,
    targets,
    service,
    kindOf,
    bounds,
    readers,
    monotonic: () => clock.monotonic(),
    onInternalError,
  })
  const unlisten = [
    upstreams.onChange(() => listWatch.changed()),
    ...sources.map((source) => source.onChange(() => listWatch.changed())),
  ]
  let loading: Promise<Loaded> | null = null

  async function load(): Promise<Loaded> {
    const [sdk, stdio] = await Promise.all([
      import('@modelcontextprotocol/server'),
      import('@modelcontextprotocol/server/stdio'),
    ])
    const parts = {
      sdk,
      access,
      opener,
      log,
      version,
      surfaces,
      dispatch,
      targets,
      service,
      states,
      listWatch,
      upstreams,
      onError,
    }
    return {
      stdio,
      parts,
      sessions: createSessionExchange({ ...parts, ids, pool, readers }),
      requests: createRequestExchange({ opener, log, onError, pool: createLeasePool(parts, clock) }),
    }
  }

  /** Returns the tools for the owner, also while access is paused. */
  function listedFor(principal: Principal, mode: SurfaceMode = facts.modeOf(principal)): readonly Tool[] {
    const inMode = createSurfaces({ names, sources, kindOf, modeOf: () => mode })
    const documents = (): DocumentEntry[] => (store === undefined ? [] : documentsOf(store.read, principal.grants))
    return createListedTools({ calls: { documents }, toolLists, surfaces: inMode }).of(principal)
  }

  const loaded = (): Promise<Loaded> => (loading ??= load())

  return {
    handleHttp: createHttpExchange({ log, pool, loaded, texts, onInternalError }),

    async serveStream(input, output, { project, tokenName, signal }) {
      const requested = access.identifyLocal(project, tokenName)
      const { parts, stdio } = await loaded()
      const { project: of, tokenId } = requested
      const stream: ConnectedClient = { projectId: of.id, tokenId, client: null }
      streams.add(stream)
      try {
        await serveOverStream({ ...parts, stdio }, input, output, {
          principal: () => access.refresh(requested),
          identified: requested,
          signal: AbortSignal.any([signal, closing.signal]),
          onClient(client) {
            stream.client = client
            onClients()
          },
        })
      } finally {
        streams.delete(stream)
        onClients()
      }
    },

    connectedClients: () => [...pool.open(), ...streams],
    toolsOf: listedFor,
    countTools: (principal, mode) => countTools(listedFor(principal, mode)),

    reachChanged() {
      if (access.paused) answers.clear()
      facts.forget()
      names.prune((connection) => kindOf(connection) === 'mcp')
      listWatch.changed()
    },

    async close() {
      closing.abort()
      answers.clear()
      listWatch.close()
      for (const stop of unlisten) stop()
      await pool.closeAll()
      if (loading !== null) await (await loading).requests.close()
    },
  }
}

const NO_UPSTREAMS: McpUpstreams = {
  catalog: (connection) => {
    throw new HallpassError('INVALID_REQUEST', `MCP server "${connection}" not found.`)
  },
  refreshed: (connection) => Promise.resolve().then(() => NO_UPSTREAMS.catalog(connection)),
  onChange: () => () => {},
  decide: () => null,
  openSession: (connection) => {
    throw new HallpassError('INVALID_REQUEST', `MCP server "${connection}" not found.`)
  },
}
