import type { McpConnectionConfig, McpDiagnostics } from '../../../contract/upstreams/mcp-connection.ts'
import type { Clock } from '../../clock.ts'
import type { Resolve } from '../../egress/dial-guard.ts'
import { openUrl } from '../http/open-url.ts'
import type { KnownSecrets } from '../known-secrets.ts'
import { createLinkPlaces, type LinkPlace } from '../link-places.ts'
import type { SignIn } from '../oauth/create-sign-in.ts'
import type { ChildLedger } from '../stdio/child-ledger.ts'
import { createCommandStarter } from '../stdio/open-command.ts'
import { isOwnSecret, isSecretReference, resolveValue, type ValueSource } from '../value-references.ts'
import { UpstreamFault, type MessagePipe } from './message-pipe.ts'
import { openLink, type EraMemory, type LinkRequest, type UpstreamLink } from './upstream-link.ts'

interface RuntimeParts {
  config: McpConnectionConfig
  clock: Clock
  ledger: ChildLedger
  source: ValueSource
  /** Port that Hallpass itself listens on. */
  ownPort: () => number | null
  resolve?: Resolve | undefined
  known: KnownSecrets
  /** Set if the connection uses OAuth. */
  signIn: Pick<SignIn, 'accessToken' | 'renew' | 'widen' | 'needed'> | null
}

/** Shared by the sessions of one connection: how it starts, what is known about it, and its output. */
export interface ConnectionRuntime {
  readonly config: McpConnectionConfig
  readonly eras: EraMemory
  readonly clock: Clock
  /** Throws UpstreamFault, HallpassError (setup, secrets) or McpUpstreamError. */
  open(request: LinkRequest): Promise<UpstreamLink>
  scrub(text: string): string
  diagnostics(): Omit<McpDiagnostics, 'message'>
  /**
   * Returns the line of stderr that explains the last failed start, to complete a sentence. Empty if there was none.
   */
  lastOutput(): string
  close(): Promise<void>
}

const START_MS = 60_000
const GREETING_MS = 20_000
const OPENING_ENDS_MS = 5000
export function createConnectionRuntime(parts: RuntimeParts): ConnectionRuntime {
  const { config, clock, known } = parts
  const eras: EraMemory = { legacy: null, modern: null }
  const links = createLinkPlaces(clock)
  const openings = new Set<Promise<UpstreamLink>>()
  const starter = createCommandStarter({
    config,
    clock,
    ledger: parts.ledger,
    scrub: known.scrub,
    environment: () => resolved(config.env),
  })
  let closed = false

  async function resolved(references: Record<string, string> | undefined): Promise<Record<string, string>> {
    const entries = await Promise.all(
      Object.entries(references ?? {}).map(async ([name, reference]) => {
        const { value, bare, secret } = await resolveValue(reference, parts.source)
        if (secret) known.add(bare, name)
        return [name, value] as const
      }),
    )
    return Object.fromEntries(entries)
  }

  function openPipe(signal: AbortSignal): Promise<MessagePipe> {
    const { command, url = '' } = config
    if (command !== undefined) return starter.open(command, signal)
    const rules = {
      pinned: config.pin === true,
      plainHttp: config.plain_http === true || !sendsSecret(config),
      ownPort: parts.ownPort,
    }
    return openUrl(url, { ...parts, rules, headers: () => resolved(config.headers) })
  }

  async function open(request: LinkRequest): Promise<UpstreamLink> {
    if (closed) throw new UpstreamFault('unreachable', 'was closed')
    const { owner } = request
    const place: LinkPlace = { owner, close: () => Promise.resolve(), quietSince: () => null, leave: () => {} }
    await links.take(place)
    const opening = new AbortController()
    const pipes = new Set<MessagePipe>()
    place.close = async () => {
      opening.abort(new UpstreamFault('unreachable', 'was closed'))
      await Promise.all([...pipes].map((pipe) => pipe.close()))
    }
    const signal = AbortSignal.any([request.signal, opening.signal])
    const freshPipe = async (): Promise<MessagePipe> => {
      signal.throwIfAborted()
      const pipe = await openPipe(signal)
      pipes.add(pipe)
      if (!signal.aborted) return pipe
      await pipe.close()
      throw signal.reason
    }
    try {
      const greetingMs = config.command === undefined ? GREETING_MS : START_MS
      const link = await openLink({ ...request, signal }, eras, freshPipe, greetingMs, clock.monotonic)
      starter.greeted(link.pipe)
      const held: LinkPlace = {
        owner,
        close: () => link.close(),
        quietSince: () => link.peer.quietSince,
        leave: () => request.handlers.closed(new UpstreamFault('unreachable', 'was closed')),
      }
      links.replace(place, held)
      return {
        ...link,
        async close() {
          // Reserved until it has ended, so that closing the connection meanwhile waits for it.
          await link.close()
          links.remove(held)
        },
      }
    } catch (thrown) {
      links.remove(place)
      await place.close()
      throw explained(thrown)
    }
  }

  function explained(thrown: unknown): unknown {
    const isCrash = thrown instanceof UpstreamFault && thrown.reason === 'crashed' && !thrown.isExplained
    if (!isCrash || config.command === undefined) return thrown
    return new UpstreamFault('crashed', `${thrown.message} before it responded${starter.lastOutput()}`, {
      cause: thrown,
      isExplained: true,
    })
  }

  return {
    config,
    eras,
    clock,
    lastOutput: () => starter.lastOutput(),
    scrub: known.scrub,
    open(request) {
      const opening = open(request)
      openings.add(opening)
      void Promise.allSettled([opening]).then(() => openings.delete(opening))
      return opening
    },
    diagnostics: () => {
      const wait = starter.policy.waitMs()
      return {
        state: wait > 0 ? 'backing_off' : links.size > 0 ? 'running' : 'idle',
        sessions: links.size,
        starts: starter.policy.starts,
        crashes: starter.policy.crashes,
        next_start_at: wait > 0 ? new Date(clock.now() + wait).toISOString() : null,
        stderr: starter.stderr,
        stray_output: starter.stray,
      }
    },
    async close() {
      closed = true
      starter.close()
      await links.closeAll()
      // A link that is still opening ends on its own, but must have ended when this returns.
      await Promise.race([
        Promise.allSettled(openings),
        new Promise((resolve) => setTimeout(resolve, OPENING_ENDS_MS).unref()),
      ])
    },
  }
}

/**
 * Returns what is wrong if the connection lacks a secret that it uses, or has one that it doesn't use. Otherwise null.
 */
export function secretProblem(config: McpConnectionConfig, isGiven: boolean): string | null {
  const isUsed = [...Object.values(config.headers ?? {}), ...Object.values(config.env ?? {})].some(isOwnSecret)
  if (isUsed && !isGiven)
    return 'A header or variable uses keychain, so the connection needs a secret. Use --secret-stdin or --secret-ref.'
  if (isGiven && !isUsed)
    return 'No header or variable uses the secret. Add one, for example --env API_KEY=keychain or --header "Authorization=Bearer keychain".'
  return null
}

function sendsSecret({ oauth, headers }: McpConnectionConfig): boolean {
  return oauth === true || Object.values(headers ?? {}).some(isSecretReference)
}
