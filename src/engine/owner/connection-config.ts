import { isAbsolute } from 'node:path'
import { invalidRequest } from '../../contract/errors.ts'
import type { ConnectionConfig } from '../../contract/owner-api/connections-api.ts'
import { storableMcpConfig, storedMcpConfig } from '../mcp-upstreams/stored-config.ts'
import { storableHttpConfig, storedHttpConfig } from '../http-apis/stored-config.ts'

/**
 * The configuration as it may be stored and shown: an address with credentials in it is refused, and its query and
 * fragment, where keys of links live, are dropped. Paths must be absolute: the engine's folder is not the caller's.
 */
export function storableConfig(config: ConnectionConfig): ConnectionConfig {
  if (config.kind === 'sqlite') {
    if (!isAbsolute(config.path)) throw invalidRequest('Enter the absolute path of the file.', 'config.path')
    return config
  }
  if (config.kind === 'http') return storableHttpConfig(config)
  if (config.kind === 'mcp') return storableMcpConfig(config)
  const url = URL.parse(config.url)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
    throw invalidRequest('Enter an address starting with https://', 'config.url')
  }
  if (url.username !== '' || url.password !== '') {
    throw invalidRequest('Remove the user name and password from the URL. The key goes into the secret.', 'config.url')
  }
  url.search = ''
  url.hash = ''
  return { ...config, url: url.href }
}

/** What is stored: without the kind, which is a column, and without `create`, or a file that vanished would come back empty. */
export function storedConfig(config: ConnectionConfig): Record<string, unknown> {
  if (config.kind === 'sqlite') return { path: config.path }
  if (config.kind === 'http') return storedHttpConfig(config)
  if (config.kind === 'mcp') return storedMcpConfig(config)
  return { url: config.url, ...(config.doc === undefined ? {} : { doc: config.doc }) }
}
