import { resolve } from 'node:path'
import { invalidRequest } from '../contract/errors.ts'
import type { TlsFiles } from '../contract/settings.ts'
import type { EngineOptions } from './engine-options.ts'
import { readTlsPair } from './http/tls-files.ts'

/** Options of `hallpass serve` for other computers. Each overrides its environment variable. */
export interface NetworkFlags {
  allowNetwork?: boolean
  tlsCert?: string
  tlsKey?: string
  trustedProxy?: readonly string[]
  publicUrl?: string
}

/** Returns the engine options that say how other computers reach it. Throws INVALID_REQUEST with the field. */
export function networkFrom(
  environment: NodeJS.ProcessEnv,
  flags: NetworkFlags = {},
): Pick<EngineOptions, 'allowNetwork' | 'tls' | 'trustedProxies' | 'publicUrl'> {
  const cert = flags.tlsCert ?? given(environment['HALLPASS_TLS_CERT'])
  const key = flags.tlsKey ?? given(environment['HALLPASS_TLS_KEY'])
  const proxies = flags.trustedProxy ?? given(environment['HALLPASS_TRUSTED_PROXIES'])?.split(/[\s,]+/)
  const trustedProxies = proxies?.filter((proxy) => proxy !== '') ?? []
  const publicUrl = flags.publicUrl ?? given(environment['HALLPASS_PUBLIC_URL'])
  return {
    ...(flags.allowNetwork === true || environment['HALLPASS_ALLOW_NETWORK'] === '1' ? { allowNetwork: true } : {}),
    ...(cert === undefined && key === undefined ? {} : { tls: checkedFiles(cert, key) }),
    ...(trustedProxies.length === 0 ? {} : { trustedProxies }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  }
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

/** Checks the files here, because the errors name flags. */
function checkedFiles(cert: string | undefined, key: string | undefined): TlsFiles {
  if (cert === undefined || key === undefined)
    throw invalidRequest(
      `TLS needs a certificate and its key. The ${cert === undefined ? 'certificate' : 'key'} is missing.`,
      cert === undefined ? 'tls_cert' : 'tls_key',
    )
  const files = { cert: resolve(cert), key: resolve(key) }
  readTlsPair(files, { cert: 'tls_cert', key: 'tls_key' })
  return files
}
