import { isAbsolute } from 'node:path'
import { invalidRequest } from '../../contract/errors.ts'
import type { McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'

const KEY_NAMES = /key|token|secret|password|passwd|auth|credential|signature|^sig$|^code$/i

/** Returns the configuration to store and show. Throws INVALID_REQUEST with the invalid field. */
export function storableMcpConfig(config: McpConnectionConfig): McpConnectionConfig {
  if ((config.command === undefined) === (config.url === undefined))
    throw invalidRequest('Set either command or url, not both.', 'config.url')
  if (config.cwd !== undefined && !isAbsolute(config.cwd))
    throw invalidRequest('The working directory must be an absolute path.', 'config.cwd')
  if (config.url === undefined) return config
  const url = URL.parse(config.url.trim())
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw invalidRequest('Enter an address starting with https://', 'config.url')
  if (url.username !== '' || url.password !== '')
    throw invalidRequest(
      "The URL can't contain a username or password. They are the connection's secret.",
      'config.url',
    )
  for (const name of url.searchParams.keys()) {
    if (KEY_NAMES.test(name))
      throw invalidRequest(
        `The URL's "${name.slice(0, 40)}" looks like a secret, which would be stored and shown in plain text. Send it as a header instead: --header NAME=keychain and --secret-stdin.`,
        'config.url',
      )
  }
  url.hash = ''
  return { ...config, url: url.href }
}

/**
 * Returns what is stored: without the kind, which is a column, and without the project's settings. References only,
 * never a secret.
 */
export function storedMcpConfig({
  kind: _kind,
  pass_through: _passThrough,
  ...config
}: McpConnectionConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined))
}

/** Returns the full target of the connection: its URL, or the command line. */
export function mcpTarget({ url, command = '', args = [] }: McpConnectionConfig): string {
  return url ?? [command, ...args].map(quoted).join(' ')
}

/** Quotes only show where arguments begin and end, because no shell is involved. */
function quoted(part: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(part) ? part : JSON.stringify(part)
}
