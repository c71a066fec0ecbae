import { isAbsolute } from 'node:path'
import { HallpassError } from '../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../contract/http-connection.ts'
import { parseBaseAddress } from '../egress/base-address.ts'
import { isHopOrFraming } from '../egress/header-filters.ts'
import { compileRules } from './request-rules.ts'

/** The configuration as it may be stored. INVALID_REQUEST names the field at fault; nothing is tried here. */
export function storableHttpConfig(config: HttpConnectionConfig): HttpConnectionConfig {
  const base = parseBaseAddress(config.url)
  compileRules(config.rules)
  const { auth, openapi } = config
  if (auth?.type === 'header' && isHopOrFraming(auth.name)) {
    throw new HallpassError(
      'INVALID_REQUEST',
      `config.auth.name: ${auth.name} is a header of the connection itself and can carry no secret.`,
    )
  }
  if (auth?.type === 'oauth') {
    const token = URL.parse(auth.token_url)
    if (token !== null) {
      token.search = ''
      parseBaseAddress(token.href, 'config.auth.token_url')
    } else parseBaseAddress(auth.token_url, 'config.auth.token_url')
  }
  if (openapi !== undefined) {
    if (openapi.source === undefined)
      throw new HallpassError('INVALID_REQUEST', 'config.openapi.source: give the document as {url}, {path} or {text}.')
    if ('path' in openapi.source && !isAbsolute(openapi.source.path))
      throw new HallpassError('INVALID_REQUEST', 'config.openapi.source.path: must be an absolute path.')
  }
  return { ...config, url: base.origin + base.path }
}

/** What is stored: without the kind, which is a column, and without the text of a document, which the catalog was made from. */
export function storedHttpConfig(config: HttpConnectionConfig): Record<string, unknown> {
  const { kind: _kind, openapi, ...rest } = config
  const source = openapi?.source
  // Under another name: `openapi` in a configuration is a document that is still to be read.
  const kept = source === undefined || 'text' in source ? {} : { openapi_source: source }
  return JSON.parse(JSON.stringify({ ...rest, ...kept })) as Record<string, unknown>
}
