import { isDeepStrictEqual } from 'node:util'
import { invalidRequest } from '../../contract/errors.ts'
import { DEFAULT_SETTINGS, NETWORK_SETTINGS, type Settings, type TlsFiles } from '../../contract/settings.ts'
import { isLoopbackHost } from '../egress/address-class.ts'
import { originOf } from './front-door.ts'
import { readTlsPair } from './tls-files.ts'

/** The engine's options that override the settings. */
export interface NetworkGiven {
  host?: string
  allowNetwork?: boolean
  tls?: TlsFiles
  trustedProxies?: readonly string[]
  publicUrl?: string
}

/** Where and how the engine listens. */
export interface OwnNetwork {
  host: string
  tls: TlsFiles | null
  trustedProxies: readonly string[]
  publicUrl: string | null
  /** Whether the owner consented to a host that other computers can reach. */
  isAllowed: boolean
}

/**
 * Returns the network of the options, or else of the settings. A host from the options is the way out if the settings no longer
 * work, so the settings are ignored then.
 */
export function networkOf(options: NetworkGiven, settings: Readonly<Settings>): OwnNetwork {
  const own = options.host === undefined ? settings : DEFAULT_SETTINGS
  const publicUrl = options.publicUrl ?? own.public_url
  return {
    host: options.host ?? own.host,
    tls: options.tls ?? own.tls,
    trustedProxies: options.trustedProxies ?? own.trusted_proxy,
    publicUrl: publicUrl === null ? null : originOf(publicUrl),
    // With such a host, settings with their own encryption were stored only after the owner's typed confirmation.
    isAllowed: options.allowNetwork === true || own.tls !== null || own.trusted_proxy.length > 0,
  }
}

/** An address that other computers can reach needs the owner's consent and encryption. */
export function requireProtection(network: OwnNetwork): void {
  const { host, isAllowed } = network
  if (isLoopbackHost(host) || (isAllowed && isEncrypted(network))) return
  throw invalidRequest(
    isAllowed
      ? `Tokens would be sent to ${host} without encryption. Add --tls-cert and --tls-key, or --trusted-proxy if a reverse proxy encrypts, or use 127.0.0.1.`
      : `Other computers could reach Hallpass at ${host}. Start it with --allow-network or HALLPASS_ALLOW_NETWORK=1, and with --tls-cert and --tls-key or --trusted-proxy, or use 127.0.0.1.`,
    'host',
    { reason: isAllowed ? 'plain_text' : 'network' },
  )
}

/**
 * Throws INVALID_REQUEST if other computers could connect without encryption, or without a typed confirmation. Settings
 * that don't change the network need neither.
 */
export function checkNetworkSettings(
  { host: _overridden, ...options }: NetworkGiven,
  { before, next, isTyped }: { before: Readonly<Settings>; next: Readonly<Settings>; isTyped: boolean },
): void {
  const changed = NETWORK_SETTINGS.filter((name) => !isDeepStrictEqual(before[name], next[name]))
  if (changed.length === 0) return
  const isLocal = isLoopbackHost(next.host)
  // Files that were stored before may have vanished since. Hallpass wouldn't start.
  const isUsed = changed.includes('tls') || (changed.includes('host') && !isLocal)
  if (isUsed && next.tls !== null) readTlsPair(next.tls)
  if (isLocal) return
  const network = networkOf(options, next)
  if (!isEncrypted(network))
    throw invalidRequest(
      `Tokens would be sent to ${next.host} without encryption. Set TLS files, or a trusted proxy that encrypts, or use 127.0.0.1.`,
      'host',
      { reason: 'plain_text' },
    )
  if (!network.isAllowed)
    throw invalidRequest(
      `Other computers could reach Hallpass at ${next.host}. Start it with --allow-network or HALLPASS_ALLOW_NETWORK=1, or set TLS files or a trusted proxy here too.`,
      'host',
    )
  if (isTyped) return
  throw invalidRequest(`Other computers could reach Hallpass at ${next.host}.`, 'confirm', { reason: 'network' })
}

/** Returns notices if other computers can reach the address. */
export function networkNotices(network: OwnNetwork): string[] {
  const { host, tls, trustedProxies } = network
  if (isLoopbackHost(host)) return []
  const how =
    tls === null
      ? `through the reverse proxy at ${trustedProxies.join(', ')}, which sends tokens to it without encryption`
      : 'over HTTPS'
  return [`Hallpass listens on ${host}, so other computers can reach it ${how}. Use 127.0.0.1 unless you need this.`]
}

function isEncrypted({ tls, trustedProxies }: OwnNetwork): boolean {
  return tls !== null || trustedProxies.length > 0
}
