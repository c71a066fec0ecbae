import { HallpassError, invalidRequest } from '../contract/errors.ts'
import { DEFAULT_SETTINGS, type Settings } from '../contract/settings.ts'
import { isLoopbackHost } from './egress/address-class.ts'
import type { EngineOptions } from './engine-options.ts'
import type { HttpServer } from './http/create-http-server.ts'
import type { OwnerOutputs } from './owner/owner-parts.ts'
import type { OwnerSettings } from './settings.ts'
import { createTurns } from './turns.ts'

type Reached = Pick<EngineOptions, 'host' | 'port' | 'allowNetwork' | 'tls' | 'trustedProxies' | 'publicUrl'>

/**
 * Listens at the address of the options, or else of the settings. If the settings don't work any more, the error says
 * how to start anyway, because they can only be changed while an engine runs.
 */
async function listenAsConfigured<T>(
  listen: (address: { host: string; port: number }) => Promise<T>,
  options: Reached,
  settings: Readonly<Settings>,
): Promise<T> {
  const address = { host: options.host ?? settings.host, port: options.port ?? settings.port }
  try {
    requireProtection(address.host, options)
    return await listen(address)
  } catch (thrown) {
    const stored: string[] = []
    if (options.host === undefined && settings.host !== DEFAULT_SETTINGS.host)
      stored.push(`listen address ${settings.host} (override it with HALLPASS_HOST=${DEFAULT_SETTINGS.host})`)
    if (options.port === undefined && settings.port !== DEFAULT_SETTINGS.port)
      stored.push(`port ${settings.port} (override it with HALLPASS_PORT=${DEFAULT_SETTINGS.port})`)
    if (!(thrown instanceof HallpassError) || stored.length === 0) throw thrown
    const sentence = `${thrown.message} The value comes from the settings: ${stored.join(' and ')}. Start Hallpass with the override, then change the setting.`
    throw thrown.reworded(sentence, { cause: thrown })
  }
}

/** An address that other computers can reach needs the owner's consent and encryption. */
export function requireProtection(host: string, { allowNetwork, tls, trustedProxies = [] }: Reached): void {
  if (isLoopbackHost(host)) return
  const isEncrypted = tls !== undefined || trustedProxies.length > 0
  if (allowNetwork === true && isEncrypted) return
  throw invalidRequest(
    allowNetwork === true
      ? `Tokens would be sent to ${host} without encryption. Add --tls-cert and --tls-key, or --trusted-proxy if a reverse proxy encrypts, or use 127.0.0.1.`
      : `Other computers could reach Hallpass at ${host}. Start it with --allow-network or HALLPASS_ALLOW_NETWORK=1, and with --tls-cert and --tls-key or --trusted-proxy, or use 127.0.0.1.`,
    'host',
    { reason: allowNetwork === true ? 'plain_text' : 'network' },
  )
}

/** Returns a warning if other computers can reach the address. */
export function networkWarnings(host: string, { tls, trustedProxies = [] }: Reached): string[] {
  if (isLoopbackHost(host)) return []
  const how =
    tls === undefined
      ? `through the reverse proxy at ${trustedProxies.join(', ')}, which sends tokens to it without encryption`
      : 'over HTTPS'
  return [`Hallpass listens on ${host}, so other computers can reach it ${how}. Use 127.0.0.1 unless you need this.`]
}

/** Throws INVALID_REQUEST if the public URL isn't an origin. */
export function networkOf({
  tls,
  trustedProxies,
  publicUrl,
}: Reached): Pick<Reached, 'tls' | 'trustedProxies' | 'publicUrl'> {
  return {
    ...(tls === undefined ? {} : { tls }),
    ...(trustedProxies === undefined ? {} : { trustedProxies }),
    ...(publicUrl === undefined ? {} : { publicUrl: originOf(publicUrl) }),
  }
}

function originOf(text: string): string {
  const url = URL.parse(text)
  const isOrigin =
    url !== null && (url.protocol === 'https:' || url.protocol === 'http:') && url.href === `${url.origin}/`
  if (isOrigin) return url.origin
  throw invalidRequest(
    'The public URL must be an address without a path, for example https://hallpass.example.com.',
    'public_url',
  )
}

/** How long running requests have to finish when the address changes. Then their connections are closed without a response. */
const REBIND_GRACE_MS = 1000

/** Where the engine listens, which follows the settings when the owner restarts the server. */
export interface OwnListenAddress {
  readonly url: string
  readonly host: string
  /** Null until it listens. */
  readonly port: number | null
  listen(server: HttpServer): Promise<void>
  rebind(): Promise<void>
  restartNeeded(): OwnerOutputs['status']['restart_needed']
  listening(): OwnerOutputs['status']['listening']
}

export function createOwnAddress(options: EngineOptions, settings: OwnerSettings): OwnListenAddress {
  let server: HttpServer | null = null
  let now: { url: string; port: number } | null = null
  let host = options.host ?? settings.current.host
  let begun = settings.current

  const moves = createTurns(1)

  /** Port 0 asks for any free one, and overrides nothing. */
  const isOverridden = (name: 'host' | 'port'): boolean => options[name] !== undefined && options[name] !== 0
  const restartNeeded = (): OwnerOutputs['status']['restart_needed'] =>
    (['host', 'port'] as const).filter((name) => !isOverridden(name) && settings.current[name] !== begun[name])

  async function move(): Promise<void> {
    const changed = restartNeeded()
    if (server === null || now === null || changed.length === 0) return
    const next = settings.current
    const address = {
      host: changed.includes('host') ? next.host : host,
      port: changed.includes('port') ? next.port : now.port,
    }
    requireProtection(address.host, options)
    now = await server.rebind(address, { graceMs: REBIND_GRACE_MS })
    host = address.host
    begun = next
  }

  return {
    get url() {
      return now?.url ?? ''
    },
    get host() {
      return host
    },
    get port() {
      return now?.port ?? null
    },
    restartNeeded,
    listening: () => ({
      host,
      port: now?.port ?? 0,
      beyond_loopback: !isLoopbackHost(host),
      tls: options.tls !== undefined,
    }),
    async listen(created) {
      now = await listenAsConfigured((address) => created.listen(address), options, settings.current)
      server = created
    },
    rebind: () => moves.run(move),
  }
}
