import { isAbsolute } from 'node:path'
import { HallpassError } from '../../contract/errors.ts'
import type { McpConnectionConfig } from '../../contract/mcp-connection.ts'

const KEY_NAMES = /key|token|secret|password|passwd|auth|credential|signature|^sig$|^code$/i

/** The configuration as it may be stored and shown; INVALID_REQUEST names the field at fault. */
export function storableMcpConfig(config: McpConnectionConfig): McpConnectionConfig {
  if ((config.command === undefined) === (config.url === undefined))
    throw wrong('config: give either a command or a url, and not both.')
  if (config.cwd !== undefined && !isAbsolute(config.cwd)) throw wrong('config.cwd: must be an absolute path.')
  if (config.url === undefined) return config
  const url = URL.parse(config.url.trim())
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw wrong('config.url: must be an http or https address, such as https://mcp.example.com/mcp.')
  if (url.username !== '' || url.password !== '')
    throw wrong('config.url: must hold no user name or password; give the key with --secret-stdin or --secret-ref.')
  for (const name of url.searchParams.keys()) {
    if (KEY_NAMES.test(name))
      throw wrong(
        `config.url: its “${name.slice(0, 40)}” looks like a key, which would be stored and shown. Give it as a header instead: --header NAME=keychain with --secret-stdin.`,
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

function wrong(sentence: string): HallpassError {
  return new HallpassError('INVALID_REQUEST', sentence)
}
