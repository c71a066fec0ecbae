import { isAbsolute } from 'node:path'
import { invalidRequest } from '../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../contract/upstreams/http-connection.ts'
import { parseBaseAddress } from '../egress/base-address.ts'
import { isHopOrFraming } from '../egress/header-filters.ts'
import { compileRules } from './request-rules.ts'

/** Returns the configuration to store. Throws INVALID_REQUEST with the invalid field. Sends nothing. */
export function storableHttpConfig(config: HttpConnectionConfig): HttpConnectionConfig {
  const base = parseBaseAddress(config.url)
  compileRules(config.rules)
  const { auth, openapi } = config
  if (auth?.type === 'header' && isHopOrFraming(auth.name))
    throw invalidRequest(`${auth.name} is a reserved header and can't contain the secret.`, 'config.auth.name')
  if (auth?.type === 'oauth') {
    const token = URL.parse(auth.token_url)
    if (token !== null) {
      token.search = ''
      parseBaseAddress(token.href, 'config.auth.token_url')
    } else parseBaseAddress(auth.token_url, 'config.auth.token_url')
  }
  if (openapi !== undefined) {
    if (openapi.source === undefined)
      throw invalidRequest('Missing OpenAPI source: set url, path or text.', 'config.openapi.source')
    if ('path' in openapi.source && !isAbsolute(openapi.source.path))
      throw invalidRequest('Use the absolute path of the OpenAPI file.', 'config.openapi.source.path')
  }
  return { ...config, url: base.origin + base.path }
}

/** Returns what is stored: without the kind, which is a column, and without a document's text, because its operations are in the catalog. */
export function storedHttpConfig(config: HttpConnectionConfig): Record<string, unknown> {
  const { kind: _kind, openapi, ...rest } = config
  const source = openapi?.source
  // Stored under another name, because `openapi` in a configuration is a document that hasn't been read.
  const storedSource = source === undefined || 'text' in source ? {} : { openapi_source: source }
  return JSON.parse(JSON.stringify({ ...rest, ...storedSource })) as Record<string, unknown>
}
