import { readFileSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { createSecureContext } from 'node:tls'
import { invalidRequest } from '../contract/errors.ts'
import type { EngineOptions } from './engine-options.ts'
import { readPrivateFile } from './secrets/private-file.ts'

/** Options of `hallpass serve` for other computers. Each overrides its environment variable. */
export interface NetworkFlags {
  allowNetwork?: boolean
  tlsCert?: string
  tlsKey?: string
  trustedProxy?: readonly string[]
  publicUrl?: string
}

const MAX_PEM_BYTES = 256 * 1024

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
    ...(cert === undefined && key === undefined ? {} : { tls: readTls(cert, key) }),
    ...(trustedProxies.length === 0 ? {} : { trustedProxies }),
    ...(publicUrl === undefined ? {} : { publicUrl }),
  }
}

function given(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}

function readTls(certPath: string | undefined, keyPath: string | undefined): { cert: string; key: string } {
  if (certPath === undefined || keyPath === undefined)
    throw invalidRequest(
      `TLS needs a certificate and its key. The ${certPath === undefined ? 'certificate' : 'key'} is missing.`,
      certPath === undefined ? 'tls_cert' : 'tls_key',
    )
  const cert = readCertificate(resolve(certPath))
  const key = readPrivateFile(resolve(keyPath), { name: 'the TLS key', field: 'tls_key', maxBytes: MAX_PEM_BYTES })
  try {
    createSecureContext({ cert, key })
  } catch (cause) {
    throw invalidRequest(
      "The TLS certificate and key don't work together. Both must be PEM files, the key without a passphrase.",
      'tls_cert',
      { cause },
    )
  }
  return { cert, key }
}

function readCertificate(path: string): string {
  try {
    if (statSync(path).size <= MAX_PEM_BYTES) return readFileSync(path, 'utf8')
  } catch (cause) {
    throw invalidRequest("The file of the TLS certificate is missing or can't be read.", 'tls_cert', { cause })
  }
  throw invalidRequest('The file of the TLS certificate is too large.', 'tls_cert')
}
