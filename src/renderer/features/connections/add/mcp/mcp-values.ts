import { t } from '../../../../../contract/text/translate.ts'
import type { McpConnectionConfig } from '../../../../../contract/upstreams/mcp-connection.ts'
import { urlProblem } from '../http/http-values.ts'
import { nameProblem } from '../kind-form.ts'
import { quoteArgument, splitCommand } from './split-command.ts'
import { fromReferences, rowProblem, toReferences, type ValueRow } from './value-row.ts'

export interface McpValues {
  transport: 'command' | 'address'
  name: string
  command: string
  cwd: string
  env: ValueRow[]
  url: string
  headers: ValueRow[]
  oauth: boolean
  clientId: string
  callbackPort: string
  pin: boolean
  plainHttp: boolean
  ask: boolean
  passThrough: boolean
}

export const EMPTY_MCP: McpValues = {
  transport: 'command',
  name: '',
  command: '',
  cwd: '',
  env: [],
  url: '',
  headers: [],
  oauth: false,
  clientId: '',
  callbackPort: '',
  pin: false,
  plainHttp: false,
  ask: true,
  passThrough: false,
}

/** Returns the program and its arguments, or a sentence that says what is wrong. */
export function commandParts({ command: line }: McpValues): string[] | string {
  return splitCommand(line)
}

/** Returns whether it signs in as a client that was registered in advance. */
export function isRegistered({ transport, oauth, clientId }: McpValues): boolean {
  return transport === 'address' && oauth && clientId.trim() !== ''
}

/** Returns whether the connection has, or can have, a secret. */
export function usesSecret(fields: McpValues): boolean {
  const { transport, env, headers, oauth } = fields
  if (isRegistered(fields)) return true
  return (transport === 'command' ? env : oauth ? [] : headers).some((row) => row.source === 'keychain')
}

export function mcpProblems(fields: McpValues): Record<string, string | null> {
  const { transport, name, cwd, env, url, headers, oauth, callbackPort } = fields
  const isCommand = transport === 'command'
  return {
    command: isCommand ? commandProblem(commandParts(fields)) : null,
    env: isCommand ? rowsProblem(env, 'variable') : null,
    cwd: isCommand && cwd !== '' && !cwd.startsWith('/') && !/^[A-Za-z]:[\\/]/.test(cwd) ? t`Enter a full path.` : null,
    url: isCommand ? null : urlProblem(url, 'https://mcp.example.com/mcp'),
    headers: isCommand || oauth ? null : rowsProblem(headers, 'header'),
    callbackPort:
      isRegistered(fields) && callbackPort.trim() !== '' && !isPort(callbackPort.trim())
        ? t`Enter a port from 1024 to 65535.`
        : null,
    name: nameProblem(name),
  }
}

function isPort(text: string): boolean {
  return /^\d{4,5}$/.test(text) && Number(text) >= 1024 && Number(text) <= 65_535
}

function commandProblem(words: string[] | string): string | null {
  if (typeof words === 'string') return words
  return words.length === 0 ? t`Enter a command, for example npx -y @modelcontextprotocol/server-everything` : null
}

function rowsProblem(rows: readonly ValueRow[], noun: 'variable' | 'header'): string | null {
  if (rows.some((row) => rowProblem(row, noun) !== null))
    return noun === 'header'
      ? t`Complete or remove the unfinished header.`
      : t`Complete or remove the unfinished variable.`
  return new Set(rows.map((row) => (noun === 'header' ? row.name.toLowerCase() : row.name))).size < rows.length
    ? t`Names must be unique.`
    : null
}

export function mcpConfig(fields: McpValues): McpConnectionConfig {
  const { transport, cwd, env, url, headers, oauth, clientId, callbackPort, pin, plainHttp, ask, passThrough } = fields
  const rest = { trust: ask ? 'ask' : 'all', ...(passThrough ? { pass_through: true } : {}) } as const
  if (transport === 'address') {
    const port = callbackPort.trim()
    const client = isRegistered(fields)
      ? { oauth_client_id: clientId.trim(), ...(port === '' ? {} : { oauth_callback_port: Number(port) }) }
      : {}
    return {
      kind: 'mcp',
      url: url.trim(),
      ...(oauth ? { oauth, ...client } : headers.length === 0 ? {} : { headers: toReferences(headers) }),
      ...(pin ? { pin } : {}),
      ...(plainHttp ? { plain_http: true } : {}),
      ...rest,
    }
  }
  const words = commandParts(fields)
  const [command = '', ...args] = typeof words === 'string' ? [] : words
  return {
    kind: 'mcp',
    command,
    ...(args.length === 0 ? {} : { args }),
    ...(cwd === '' ? {} : { cwd }),
    ...(env.length === 0 ? {} : { env: toReferences(env) }),
    ...rest,
  }
}

/** The form's field for each field of the API. */
export const MCP_FIELDS = [
  ['name', 'name'],
  ['secret', 'secret'],
  ['config.cwd', 'cwd'],
  ['config.env', 'env'],
  ['config.headers', 'headers'],
  ['config.oauth_client_id', 'clientId'],
  ['config.oauth_callback_port', 'callbackPort'],
  ['config.command', 'command'],
  ['config.args', 'command'],
  ['config.url', 'url'],
] as const

/** Returns the form's values of stored settings. */
export function mcpValuesOf(config: McpConnectionConfig, name: string): McpValues {
  const { command, args = [], url, trust } = config
  return {
    ...EMPTY_MCP,
    name,
    transport: command === undefined ? 'address' : 'command',
    command: command === undefined ? '' : [command, ...args].map(quoteArgument).join(' '),
    cwd: config.cwd ?? '',
    env: fromReferences(config.env),
    url: url ?? '',
    headers: fromReferences(config.headers),
    oauth: config.oauth === true,
    clientId: config.oauth_client_id ?? '',
    callbackPort: config.oauth_callback_port === undefined ? '' : String(config.oauth_callback_port),
    pin: config.pin === true,
    plainHttp: config.plain_http === true,
    ask: trust !== 'all',
  }
}
