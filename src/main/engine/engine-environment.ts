import { invalidRequest } from '../../contract/errors.ts'
import { networkFrom, takeVaultKey, type EngineOptions } from '../../engine/engine-options.ts'

/** Returns the engine options that environment variables set, as for `hallpass serve`. */
export function engineEnvironment(
  environment: NodeJS.ProcessEnv,
): Pick<
  EngineOptions,
  'host' | 'allowNetwork' | 'tls' | 'trustedProxies' | 'publicUrl' | 'port' | 'logLevel' | 'vaultKey'
> {
  const { HALLPASS_HOST: host, HALLPASS_PORT: port, HALLPASS_LOG_LEVEL: logLevel } = environment
  // Uses a copy. The caller removes the key from the real environment.
  const vaultKey = takeVaultKey({ ...environment })
  return {
    ...(given(host) ? { host } : {}),
    ...networkFrom(environment),
    ...(given(port) ? { port: portOf(port) } : {}),
    ...(given(logLevel) ? { logLevel } : {}),
    ...(vaultKey !== undefined ? { vaultKey } : {}),
  }
}

function given(text: string | undefined): text is string {
  return text !== undefined && text !== ''
}

function portOf(text: string): number {
  const port = Number(text)
  if (/^\d{1,5}$/.test(text) && port <= 65_535) return port
  throw invalidRequest('HALLPASS_PORT must be a number from 0 to 65535.', 'HALLPASS_PORT')
}
