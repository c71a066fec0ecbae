import { HallpassError } from '../contract/errors.ts'
import { DEFAULT_SETTINGS, type Settings } from '../contract/settings.ts'
import type { EngineOptions } from './engine-options.ts'

/**
 * Listens at the address of the options, or else of the settings. If the settings don't work any more, the error says
 * how to start anyway, because they can only be changed while an engine runs.
 */
export async function listenAsConfigured<T>(
  listen: (address: { host: string; port: number }) => Promise<T>,
  options: Pick<EngineOptions, 'host' | 'port'>,
  settings: Readonly<Settings>,
): Promise<T> {
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
