import { HallpassError } from '../../../contract/errors.ts'
import type { McpConnectionConfig, McpDiagnostics } from '../../../contract/mcp-connection.ts'
import type { Clock } from '../../clock.ts'
import type { DialRules, Resolve } from '../../egress/dial-guard.ts'
import { createUpstreamFetch } from '../http/upstream-fetch.ts'
import { openSsePipe, openStreamablePipe } from '../http/http-pipe.ts'
import type { KnownSecrets } from '../known-secrets.ts'
import { UpstreamFault, type MessagePipe } from './message-pipe.ts'
import { NEEDS_SIGN_IN, type SignIn } from '../oauth/create-sign-in.ts'
import { createRestartPolicy } from './restart-policy.ts'
import type { ChildLedger } from '../stdio/child-ledger.ts'
import { createStdioPipe } from '../stdio/stdio-pipe.ts'
import { createTextTail } from '../stdio/text-tail.ts'
import { openLink, type EraMemory, type LinkOrder, type UpstreamLink } from './upstream-link.ts'
import { isOwnSecret, resolveValue, type ValueSource } from '../value-references.ts'
import { visible } from '../../text/visible-text.ts'

export interface RuntimeParts {
  config: McpConnectionConfig
  clock: Clock
  ledger: ChildLedger
  source: ValueSource
  /** Port that Hallpass itself listens on. */
  ownPort: () => number | null
  resolve?: Resolve | undefined
  known: KnownSecrets
  /** Of a connection that signs in. */
  signIn: Pick<SignIn, 'accessToken' | 'renew' | 'widen' | 'needed'> | null
}

/** Everything that the sessions of one connection have in common: how it is started, what is known of it, what it wrote. */
export interface ConnectionRuntime {
  readonly config: McpConnectionConfig
  readonly eras: EraMemory
  /** Throws UpstreamFault, HallpassError (setup, secrets) or McpUpstreamError. */
  open(order: LinkOrder): Promise<UpstreamLink>
  scrub(text: string): string
  diagnostics(): Omit<McpDiagnostics, 'message'>
  /** What the end of stderr says, on one line, to complete a sentence; empty when it is silent. */
  lastWords(): string
  close(): Promise<void>
}

const STDERR_BYTES = 64 * 1024
const START_MS = 60_000
const GREETING_MS = 20_000
/** A short wait before a restart is waited out; a longer one is told. */
const WAITED_OUT_MS = 1500
const MOST_LINKS = 128
const OPENING_ENDS_MS = 5000
/** A session that was asked something just now is asked more, most likely. */
const QUIET_MS = 1000

interface Place {
  close(): Promise<void>
  /** When its session's last request ended; null while it works or opens. */
  quietSince(): number | null
  /** Tells the session that its link is gone. */
  leave(): void
}

export function createConnectionRuntime(parts: RuntimeParts): ConnectionRuntime {
  const { config, clock, ledger, source, known, signIn } = parts
  const stderr = createTextTail(STDERR_BYTES, known.scrub)
  const policy = createRestartPolicy(clock)
  const eras: EraMemory = { legacy: null, modern: null }
  const links = new Set<Place>()
  const leaving = new Set<Place>()
  const rules: DialRules = { pinned: config.pin === true, ownPort: parts.ownPort }
  const openings = new Set<Promise<UpstreamLink>>()
  const greeted = new WeakSet<MessagePipe>()
  let stray: string | null = null
  let closed = false

  async function resolved(references: Record<string, string> | undefined): Promise<Record<string, string>> {
    const entries = await Promise.all(
      Object.entries(references ?? {}).map(async ([name, reference]) => {
        const { value, bare, secret } = await resolveValue(reference, source)
        if (secret) known.add(bare)
        return [name, value] as const
      }),
    )
    return Object.fromEntries(entries)
  }

  async function openHttp(url: string): Promise<MessagePipe> {
    const sdk = await import('@modelcontextprotocol/client')
    // Read once a session: a keychain takes its time with each question. A refusal makes it look whether there is another by now.
    let headers: Promise<Record<string, string>> | null = null
    const read = (): Promise<Record<string, string>> => {
      const reading = resolved(config.headers)
      // A keychain that was locked is asked again.
      reading.catch(() => {
        headers = null
      })
      return (headers = reading)
    }
    const renewed = async (): Promise<boolean> => {
      const before = await headers
      return JSON.stringify(before) !== JSON.stringify(await read())
    }
    const upstream = await createUpstreamFetch({
      url,
      rules,
      async secretHeaders() {
        const known = await (headers ?? read())
        const token = (await signIn?.accessToken()) ?? null
        return token === null ? known : { ...known, Authorization: `Bearer ${token}` }
      },
      scrubber: () => known.stream(),
      onUnauthorized: (challenge) => (signIn === null ? renewed() : signIn.renew(challenge)),
      ...(signIn === null
        ? {}
        : {
            unauthorized: () => signIn.needed() ?? `is reachable, but ${NEEDS_SIGN_IN}`,
            forbidden: (challenge: string) => signIn.widen(challenge),
          }),
      ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }),
    })
    return config.sse === true
      ? openSsePipe(sdk, new URL(url), upstream)
      : openStreamablePipe(sdk, new URL(url), upstream)
  }

  async function openCommand(command: string, signal: AbortSignal): Promise<MessagePipe> {
    const wait = policy.waitMs()
    if (wait > WAITED_OUT_MS) {
      const loop = policy.inLoop
        ? `keeps crashing (${policy.crashes} times so far; it ${policy.lastEnding ?? 'ended'}${lastWords()})`
        : `crashed (${policy.lastEnding ?? 'ended'}${lastWords()})`
      throw new UpstreamFault('crashed', `${loop} and is started again in ${Math.ceil(wait / 1000)} s`)
    }
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait))
    signal.throwIfAborted()
    const env = await resolved(config.env)
    // Late: an engine without commands to start needs none of it.
    const { launch } = await import('../stdio/upstream-process.ts')
    signal.throwIfAborted()
    const process = await launch({ command, args: config.args ?? [], cwd: config.cwd ?? null, env }, ledger).catch(
      (cause: unknown) => {
        throw cause instanceof HallpassError ? new UpstreamFault('setup', cause.message, { cause }) : cause
      },
    )
    policy.started()
    const startedAt = clock.monotonic()
    const pipe = createStdioPipe({
      process,
      scrub: known.scrub,
      onStderr: (chunk) => stderr.add(chunk),
      onStray: (line) => {
        stray ??= visible(line.slice(0, 500))
      },
    })
    let over = false
    const close = pipe.close
    pipe.close = () => {
      // It was greeted, did its work, and ended because we asked.
      if (!over && greeted.has(pipe)) policy.steady()
      over = true
      return close()
    }
    void process.ended.then((ending) => {
      if (!over && !closed) policy.crashed(ending, clock.monotonic() - startedAt)
      over = true
    })
    return pipe
  }

  /** Clients come and go without a word, so the session that was quiet longest gives way: it opens itself anew with its next request. */
  async function makeRoom(): Promise<void> {
    if (links.size - leaving.size <= MOST_LINKS) return
    const before = performance.now() - QUIET_MS
    const quiet = [...links].flatMap((one) => {
      const since = leaving.has(one) ? null : one.quietSince()
      return since === null || since > before ? [] : [{ one, since }]
    })
    const idlest = quiet.toSorted((one, other) => one.since - other.since)[0]?.one
    if (idlest === undefined) {
      throw new UpstreamFault(
        'unreachable',
        `has ${MOST_LINKS} sessions at work, which is the most that Hallpass opens; try again when one is done`,
      )
    }
    leaving.add(idlest)
    idlest.leave()
    await idlest.close()
  }

  async function open(order: LinkOrder): Promise<UpstreamLink> {
    if (closed) throw new UpstreamFault('unreachable', 'was closed')
    const place: Place = { close: () => Promise.resolve(), quietSince: () => null, leave: () => {} }
    // Holds the place while it opens, so that many at once do not pass the bound together.
    links.add(place)
    try {
      await makeRoom()
    } catch (thrown) {
      links.delete(place)
      throw thrown
    }
    const opening = new AbortController()
    const pipes = new Set<MessagePipe>()
    place.close = async () => {
      opening.abort(new UpstreamFault('unreachable', 'was closed'))
      await Promise.all([...pipes].map((pipe) => pipe.close()))
    }
    const signal = AbortSignal.any([order.signal, opening.signal])
    const { command, url } = config
    const openPipe = async (): Promise<MessagePipe> => {
      signal.throwIfAborted()
      const pipe = command === undefined ? await openHttp(url ?? '') : await openCommand(command, signal)
      pipes.add(pipe)
      if (!signal.aborted) return pipe
      await pipe.close()
      throw signal.reason
    }
    try {
      const link = await openLink({ ...order, signal }, eras, openPipe, command === undefined ? GREETING_MS : START_MS)
      greeted.add(link.pipe)
      links.delete(place)
      const kept: Place = {
        close: () => link.close(),
        quietSince: () => link.peer.quietSince,
        leave: () => order.handlers.closed(new UpstreamFault('unreachable', 'was closed')),
      }
      links.add(kept)
      return {
        ...link,
        async close() {
          // In its place until it has ended: who closes the connection meanwhile waits for it.
          await link.close()
          links.delete(kept)
          leaving.delete(kept)
        },
      }
    } catch (thrown) {
      links.delete(place)
      await place.close()
      throw thrown instanceof UpstreamFault &&
        thrown.reason === 'crashed' &&
        command !== undefined &&
        !thrown.message.includes('is started again')
        ? new UpstreamFault('crashed', `${thrown.message} before it answered${lastWords()}${strayWords()}`, {
            cause: thrown,
          })
        : thrown
    }
  }

  function lastWords(): string {
    const line = stderr.text
      .trim()
      .split('\n')
      .findLast((one) => one.trim() !== '')
    return line === undefined ? '' : `, saying: ${visible(line.trim().slice(0, 300))}`
  }

  return {
    config,
    eras,
    lastWords,
    scrub: known.scrub,
    open(order) {
      const opening = open(order)
      openings.add(opening)
      void Promise.allSettled([opening]).then(() => openings.delete(opening))
      return opening
    },
    diagnostics: () => {
      const wait = policy.waitMs()
      return {
        state: wait > 0 ? 'backing_off' : links.size > 0 ? 'running' : 'idle',
        sessions: links.size,
        starts: policy.starts,
        crashes: policy.crashes,
        next_start_at: wait > 0 ? new Date(clock.now() + wait).toISOString() : null,
        stderr: visible(stderr.text),
        stray_output: stray,
      }
    },
    async close() {
      closed = true
      const all = [...links]
      links.clear()
      await Promise.all(all.map((link) => link.close()))
      // One that was between its start and its place above ends by itself now, but must have ended when this returns.
      await Promise.race([
        Promise.allSettled(openings),
        new Promise((resolve) => setTimeout(resolve, OPENING_ENDS_MS).unref()),
      ])
    },
  }

  function strayWords(): string {
    return stray === null ? '' : `. It wrote on stdout what is no protocol: ${stray.slice(0, 200)}`
  }
}

/** Does the connection need a secret of its own, and is one given in vain? The sentence says which; null when all is well. */
export function secretFlaw(config: McpConnectionConfig, given: boolean): string | null {
  const used = [...Object.values(config.headers ?? {}), ...Object.values(config.env ?? {})].some(isOwnSecret)
  if (used && !given)
    return 'secret: a header or variable is “keychain”, so the connection needs its secret; give it with --secret-stdin or --secret-ref.'
  if (given && !used)
    return 'secret: no header or variable uses it. Say which, such as --env API_KEY=keychain or --header "Authorization=Bearer keychain".'
  return null
}
