import { resolve } from 'node:path'
import { valueReferenceSchema, type McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'
import { usageError } from '../errors.ts'

/** Options of `create connection --type mcp`. */
export interface McpConnectionFlags {
  url?: string
  command?: string
  arg?: string[]
  env?: string[]
  cwd?: string
  header?: string[]
  oauth?: boolean
  oauthClientId?: string
  oauthCallbackPort?: string
  trust?: 'ask' | 'all'
  passThrough?: boolean
  pin?: boolean
  plainHttp?: boolean
}

export const MCP_ONLY: readonly (keyof McpConnectionFlags)[] = [
  'command',
  'arg',
  'env',
  'cwd',
  'header',
  'oauth',
  'oauthClientId',
  'oauthCallbackPort',
  'trust',
  'passThrough',
]

export function mcpConfig(flags: McpConnectionFlags): McpConnectionConfig {
  const { url, command, arg, cwd, oauth, oauthClientId, trust, passThrough, pin, plainHttp } = flags
  const port = portOf(flags.oauthCallbackPort)
  if ((url === undefined) === (command === undefined))
    throw usageError('Use either --url or --command for an MCP connection.')
  if (command === undefined && (arg !== undefined || flags.env !== undefined || cwd !== undefined))
    throw usageError('--arg, --env and --cwd can only be used with --command.')
  if (
    url === undefined &&
    (flags.header !== undefined ||
      oauth !== undefined ||
      oauthClientId !== undefined ||
      port !== undefined ||
      pin !== undefined ||
      plainHttp !== undefined)
  )
    throw usageError(
      '--header, --oauth, --oauth-client-id, --oauth-callback-port, --pin and --plain-http can only be used with --url.',
    )
  if (port !== undefined && oauthClientId === undefined)
    throw usageError('--oauth-callback-port can only be used with --oauth-client-id.')
  const [env, headers] = [referencesOf(flags.env, '--env'), referencesOf(flags.header, '--header')]
  return {
    kind: 'mcp',
    ...(url === undefined ? {} : { url }),
    ...(command === undefined ? {} : { command: command.includes('/') ? resolve(command) : command }),
    ...(arg === undefined ? {} : { args: arg }),
    ...(env === undefined ? {} : { env }),
    ...(cwd === undefined ? {} : { cwd: resolve(cwd) }),
    ...(headers === undefined ? {} : { headers }),
    ...(oauth === true || oauthClientId !== undefined ? { oauth: true } : {}),
    ...(oauthClientId === undefined ? {} : { oauth_client_id: oauthClientId }),
    ...(port === undefined ? {} : { oauth_callback_port: port }),
    ...(pin === true ? { pin } : {}),
    ...(plainHttp === true ? { plain_http: true } : {}),
    ...(trust === undefined ? {} : { trust }),
    ...(passThrough === true ? { pass_through: true } : {}),
  }
}

function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const port = /^\d{4,5}$/.test(text) ? Number(text) : 0
  if (port < 1024 || port > 65_535) throw usageError('--oauth-callback-port must be a port from 1024 to 65535.')
  return port
}

/** Parses repeated `NAME=REF`. Errors never quote REF, because it may be the secret itself. */
function referencesOf(given: readonly string[] | undefined, flag: string): Record<string, string> | undefined {
  if (given === undefined) return undefined
  return Object.fromEntries(
    given.map((text) => {
      const at = text.indexOf('=')
      if (at < 1) throw usageError(`${flag} must be NAME=REF, for example ${flag} API_KEY=keychain`)
      const [name, reference] = [text.slice(0, at), text.slice(at + 1)]
      if (!valueReferenceSchema.safeParse(reference).success) {
        throw usageError(
          `Invalid value for ${flag} ${name}. Use keychain, env:NAME, file:PATH or plain:VALUE. For a secret, use keychain and --secret-stdin.`,
        )
      }
      return [
        name,
        reference.replace(
          /(^| )file:(.+)$/s,
          (_whole, before: string, path: string) => `${before}file:${resolve(path)}`,
        ),
      ]
    }),
  )
}
