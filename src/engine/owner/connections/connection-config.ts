import { isAbsolute } from 'node:path'
import { invalidRequest } from '../../../contract/errors.ts'
import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import { storableMcpConfig, storedMcpConfig } from '../../mcp-upstreams/stored-config.ts'
import { storableHttpConfig, storedHttpConfig } from '../../http-apis/stored-config.ts'

/**
 * Returns the configuration to store and show. Rejects URLs with credentials, and drops query and fragment, which may
 * contain a link's key. Paths must be absolute, because the engine runs in another folder.
 */
export function storableConfig(config: ConnectionConfig): ConnectionConfig {
  if (config.kind === 'sqlite') {
    if (!isAbsolute(config.path)) throw invalidRequest('The path must be absolute.', 'config.path')
    return config
  }
  if (config.kind === 'http') return storableHttpConfig(config)
  if (config.kind === 'mcp') return storableMcpConfig(config)
  const url = URL.parse(config.url)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalidRequest('Enter an address starting with https://', 'config.url')
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidRequest(
      "Remove the username and password from the URL. The API key is the connection's secret.",
      'config.url',
    )
  }
  url.search = ''
  url.hash = ''
  return { ...config, url: url.href }
}

/**
 * Returns what is stored: without the kind, which is a column, and without `create`, which would recreate an empty file
 * if it disappeared.
 */
export function storedConfig(config: ConnectionConfig): Record<string, unknown> {
  if (config.kind === 'sqlite') return { path: config.path }
  if (config.kind === 'http') return storedHttpConfig(config)
  if (config.kind === 'mcp') return storedMcpConfig(config)
  const { kind: _kind, ...grist } = config
  return Object.fromEntries(Object.entries(grist).filter(([, value]) => value !== undefined))
}
