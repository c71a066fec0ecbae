import { invalidRequest } from '../../contract/errors.ts'
import type { McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'
import { isOwnSecret } from './value-references.ts'

/** Headers that Hallpass sets. */
const OURS: ReadonlySet<string> = new Set([
  'host',
  'content-length',
  'content-type',
  'accept',
  'connection',
  'transfer-encoding',
  'last-event-id',
  'upgrade',
  'te',
  'trailer',
  'expect',
])

/** Returns the configuration with implied values. Throws INVALID_REQUEST for fields that contradict each other. */
export function completeConfig(config: McpConnectionConfig, hasSecret: boolean): McpConnectionConfig {
  if (config.command !== undefined) {
    for (const field of [
      'url',
      'headers',
      'oauth',
      'oauth_client_id',
      'oauth_callback_port',
      'sse',
      'pin',
      'plain_http',
    ] as const) {
      if (config[field] !== undefined)
        throw invalidRequest(`${field} can only be used with a URL. For a command, use env.`, `config.${field}`)
    }
    return config
  }
  for (const field of ['args', 'cwd', 'env'] as const) {
    if (config[field] !== undefined)
      throw invalidRequest(`${field} can only be used with a command. For a URL, use headers.`, `config.${field}`)
  }
  if (config.oauth !== true && config.oauth_client_id !== undefined)
    throw invalidRequest('oauth_client_id can only be used with oauth.', 'config.oauth_client_id')
  if (config.oauth_client_id === undefined && config.oauth_callback_port !== undefined)
    throw invalidRequest('oauth_callback_port can only be used with oauth_client_id.', 'config.oauth_callback_port')
  if (config.oauth === true && hasSecret && config.oauth_client_id === undefined)
    throw invalidRequest(
      "A connection that signs in doesn't take a secret, except the client secret of an oauth_client_id.",
      'secret',
    )
  // The secret contains client secret and tokens, which must only be sent to the authorization server.
  const [leaking] =
    config.oauth === true ? Object.entries(config.headers ?? {}).filter(([, reference]) => isOwnSecret(reference)) : []
  if (leaking !== undefined)
    throw invalidRequest(
      `Header ${leaking[0]} can't use keychain, because the connection signs in. Use env:NAME or file:PATH.`,
      'config.headers',
    )
  const named = Object.keys(config.headers ?? {}).map((name) => name.toLowerCase())
  if (config.oauth === true && named.includes('authorization'))
    throw invalidRequest(
      'A connection that signs in sets the Authorization header automatically. Remove it.',
      'config.headers',
    )
  for (const name of named) {
    if (OURS.has(name) || name.startsWith('mcp-'))
      throw invalidRequest(`Header ${name} is set by Hallpass. Remove it.`, 'config.headers')
  }
  // A secret without further settings is a bearer token.
  return hasSecret && config.oauth !== true && config.headers === undefined
    ? { ...config, headers: { Authorization: 'Bearer keychain' } }
    : config
}
