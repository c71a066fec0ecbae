import { isDeepStrictEqual } from 'node:util'
import { HallpassError } from '../contract/errors.ts'
import { DEFAULT_SETTINGS, LISTEN_SETTINGS, type Settings } from '../contract/settings.ts'
import type { Changes } from './changes.ts'
import type { Clock } from './clock.ts'
import { isLoopbackHost } from './egress/address-class.ts'
import type { EngineOptions } from './engine-options.ts'
import type { HttpServer } from './http/create-http-server.ts'
import type { NetworkOptions } from './http/listener.ts'
import { readTlsPair, watchTlsFiles, type TlsPair } from './http/tls-files.ts'
import {
  networkNotices,
  networkOf,
  requireProtection,
  type NetworkGiven,
  type OwnNetwork,
} from './http/network-protection.ts'
import type { Diagnostics } from './operations/diagnostics.ts'
import type { OwnerOutputs } from './owner/owner-parts.ts'
import type { OwnerSettings } from './settings.ts'
import { createTurns } from './running/turns.ts'

type Given = NetworkGiven & Pick<EngineOptions, 'port'>
type Status = OwnerOutputs['status']

/** How long running requests have to finish when the address changes. Then their connections are closed without a response. */
const REBIND_GRACE_MS = 1000

/** Where the engine listens, which follows the settings when the owner restarts the server. */
interface OwnListenAddress {
  readonly url: string
  /** Null until it listens. */
  readonly port: number | null
  readonly listening: Status['listening']
  /** Notice that other computers can reach it. */
  readonly notices: string[]
  /** Notice that files of the certificate changed and can't be used. */
  readonly problem: string | null
  listen(server: HttpServer): Promise<void>
  rebind(): Promise<void>
  restartNeeded(): Status['restart_needed']
  close(): void
}

interface OwnAddressParts {
  options: Given
  settings: Pick<OwnerSettings, 'current'>
  clock: Clock
  diagnostics: Pick<Diagnostics, 'certificateProblem'>
  changes: Pick<Changes, 'announce'>
}

export function createOwnAddress({
  options,
  settings,
  clock,
  diagnostics,
  changes,
}: OwnAddressParts): OwnListenAddress {
  let server: HttpServer | null = null
  let now: { url: string; port: number } | null = null
  let begun = settings.current
  let network = networkOf(options, begun)
  let problem: string | null = null
  let unwatch = (): void => {}
  let isClosed = false
  const moves = createTurns(1)

  const restartNeeded = (): Status['restart_needed'] =>
    LISTEN_SETTINGS.filter(
      (name) => !isOverridden(options, name) && !isDeepStrictEqual(settings.current[name], begun[name]),
    )

  /** Reads the files when it listens, and then whenever they change. */
  async function listenThrough(
    next: OwnNetwork,
    listen: (through: NetworkOptions) => Promise<{ url: string; port: number }>,
  ): Promise<void> {
    requireProtection(next)
    const pair = next.tls === null ? null : readTlsPair(next.tls)
    now = await listen(networkOptions(next, pair))
    network = next
    if (isClosed) return
    unwatch()
    setProblem(null)
    unwatch = next.tls === null || pair === null ? () => {} : watch(next.tls, pair)
  }

  function watch(files: NonNullable<OwnNetwork['tls']>, pair: TlsPair): () => void {
    return watchTlsFiles({
      files,
      pair,
      clock,
      onRenewed: (renewed) => server?.renewCertificate(renewed),
      onProblem: setProblem,
    })
  }

  function setProblem(sentence: string | null): void {
    if (sentence === problem) return
    problem = sentence
    if (sentence !== null) diagnostics.certificateProblem(sentence)
    changes.announce(['state', 'attention'])
  }

  async function move(): Promise<void> {
    const changed = restartNeeded()
    if (server === null || now === null || changed.length === 0) return
    const [next, moving, at] = [settings.current, server, now]
    const port = changed.includes('port') ? next.port : at.port
    const target = networkOf(options, next)
    await listenThrough(target, (through) =>
      moving.rebind({ host: target.host, port }, { graceMs: REBIND_GRACE_MS, network: through }),
    )
    begun = next
  }

  return {
    get url() {
      return now?.url ?? ''
    },
    get port() {
      return now?.port ?? null
    },
    get listening() {
      const { host, tls } = network
      return { host, port: now?.port ?? 0, beyond_loopback: !isLoopbackHost(host), tls: tls !== null }
    },
    get notices() {
      return networkNotices(network)
    },
    get problem() {
      return problem
    },
    restartNeeded,
    async listen(created) {
      server = created
      const address = { host: network.host, port: options.port ?? settings.current.port }
      try {
        await listenThrough(network, (through) => created.listen(address, through))
      } catch (thrown) {
        throw withWayOut(thrown, options, settings.current)
      }
    },
    rebind: () => moves.run(move),
    close() {
      isClosed = true
      unwatch()
    },
  }
}

/** Port 0 asks for any free one, and overrides nothing. */
function isOverridden(options: Given, name: (typeof LISTEN_SETTINGS)[number]): boolean {
  if (name === 'port') return options.port !== undefined && options.port !== 0
  if (options.host !== undefined) return true
  if (name === 'tls') return options.tls !== undefined
  if (name === 'trusted_proxy') return options.trustedProxies !== undefined
  return name === 'public_url' && options.publicUrl !== undefined
}

function networkOptions({ trustedProxies, publicUrl }: OwnNetwork, pair: TlsPair | null): NetworkOptions {
  return {
    ...(pair === null ? {} : { tls: pair }),
    trustedProxies,
    ...(publicUrl === null ? {} : { publicUrl }),
  }
}

/** Settings can only be changed while an engine runs, so the error says how to start if they no longer work. */
function withWayOut(thrown: unknown, options: Given, settings: Readonly<Settings>): unknown {
  const stored: string[] = []
  if (options.host === undefined && (settings.host !== DEFAULT_SETTINGS.host || settings.tls !== null))
    stored.push(`listen address ${settings.host} (override it with HALLPASS_HOST=${DEFAULT_SETTINGS.host})`)
  if (options.port === undefined && settings.port !== DEFAULT_SETTINGS.port)
    stored.push(`port ${settings.port} (override it with HALLPASS_PORT=${DEFAULT_SETTINGS.port})`)
  if (!(thrown instanceof HallpassError) || stored.length === 0) return thrown
  const sentence = `${thrown.message} The value comes from the settings: ${stored.join(' and ')}. Start Hallpass with the override, then change the setting.`
  return thrown.reworded(sentence, { cause: thrown })
}
