import { isAbsolute } from 'node:path'
import { invalidRequest } from '../../contract/errors.ts'
import type { McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'

const KEY_NAMES = /key|token|secret|password|passwd|auth|credential|signature|^sig$|^code$/i

/** The configuration as it may be stored and shown; INVALID_REQUEST names the field at fault. */
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

/** What is stored: without the kind, which is a column, and what is its project's setting. References only, never a secret. */
export function storedMcpConfig({
  kind: _kind,
  pass_through: _passThrough,
  ...config
}: McpConnectionConfig): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([, value]) => value !== undefined))
}

/** What the connection points at, in full: the address, or the command line as it is run. */
export function mcpTarget({ url, command = '', args = [] }: McpConnectionConfig): string {
  return url ?? [command, ...args].map(quoted).join(' ')
}

/** No shell reads it; the quotes only show where one argument ends and the next begins. */
function quoted(part: string): string {
  return /^[\w@%+=:,./\\-]+$/.test(part) ? part : JSON.stringify(part)
}
