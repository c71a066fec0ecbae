import { isIP } from 'node:net'
import { HallpassError, invalidRequest } from '../contract/errors.ts'
import { DEFAULT_SETTINGS, type Settings } from '../contract/settings.ts'
import { classOf } from './egress/address-class.ts'
import type { EngineOptions } from './engine-options.ts'

/**
 * Listens at the address of the options, or else of the settings. If the settings don't work any more, the error says
 * how to start anyway, because they can only be changed while an engine runs.
 */
export async function listenAsConfigured<T>(
  listen: (address: { host: string; port: number }) => Promise<T>,
  options: Pick<EngineOptions, 'host' | 'port' | 'allowNetwork'>,
  settings: Readonly<Settings>,
): Promise<T> {
  if (options.host !== undefined && !isLoopback(options.host) && options.allowNetwork !== true)
    throw invalidRequest(
      `Other computers could reach Hallpass at ${options.host}, without encryption. Start it with --allow-network or HALLPASS_ALLOW_NETWORK=1 if you want that, or use 127.0.0.1.`,
      'host',
      { reason: 'network' },
    )
  const address = { host: options.host ?? settings.host, port: options.port ?? settings.port }
  try {
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

/** Returns a notice if other computers can reach the address, or null. */
export function networkNotice(host: string): string | null {
  if (isLoopback(host)) return null
  return `Hallpass listens on ${host}, so other computers can reach it, and tokens are sent to it without encryption. Use 127.0.0.1 unless you need this.`
}

/** A name other than localhost can be any address of this computer. */
function isLoopback(host: string): boolean {
  const bare = host.replaceAll(/^\[|\]$/g, '').toLowerCase()
  return bare === 'localhost' || (isIP(bare) !== 0 && classOf(bare) === 'loopback')
}
