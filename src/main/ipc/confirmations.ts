import { isDeepStrictEqual } from 'node:util'
import type { InferContractRouterInputs } from '@orpc/contract'
import { t } from '../../contract/text/translate.ts'
import type { McpConnectionConfig } from '../../contract/upstreams/mcp-connection.ts'
import { showArgument, visible } from '../../contract/text/visible-text.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { NETWORK_SETTINGS } from '../../contract/settings.ts'
import type { WindowApi } from '../../contract/owner-api.ts'

type Inputs = InferContractRouterInputs<WindowApi>
type Connections = Inputs['connections']

/** What a system dialog asks the owner. Pages can't draw, cover or answer it. */
export interface Confirmation {
  message: string
  detail: string
  action: string
}

/**
 * Returns what to confirm before a connection starts a program, or sends a file or variable to a server. Otherwise a
 * compromised page could add such a connection. Returns null if the connection does neither.
 */
export function confirmConnection(input: Connections['create']): Confirmation | null {
  const { config, secret, name } = input
  const command =
    config.kind === 'mcp' && config.command !== undefined ? [config.command, ...(config.args ?? [])] : null
  const references =
    config.kind === 'mcp' ? [...Object.entries(config.env ?? {}), ...Object.entries(config.headers ?? {})] : []
  const reads = [
    ...(secret !== undefined && 'ref' in secret ? [`${secret.ref} (secret)`] : []),
    ...references
      .filter(([, reference]) => /(?:^| )(?:env|file):/.test(reference))
      .map(([into, reference]) => t`${reference} (for ${into})`),
  ]
  if (command === null && reads.length === 0) return null
  const parts = [
    ...(command === null
      ? []
      : [
          t`It runs with your permissions whenever a client uses this connection:`,
          ...command.map((word) => `    ${showArgument(word)}`),
        ]),
    ...(command !== null && config.kind === 'mcp' && config.cwd !== undefined
      ? [t`Working directory: ${showArgument(config.cwd)}`]
      : []),
    ...(reads.length === 0
      ? []
      : [
          'url' in config && config.url !== undefined
            ? t`Hallpass reads these values and sends them to ${config.url}:`
            : t`Hallpass reads these values:`,
          ...reads.map((read) => `    ${read}`),
        ]),
  ]
  return {
    message:
      command === null ? t`Allow "${name}" to read these values?` : t`Run this command for the connection "${name}"?`,
    detail: visible(parts.join('\n')),
    action: command === null ? t`Allow` : t`Run command`,
  }
}

/**
 * Returns what to confirm before a connection starts another program, or reads or sends other values than now. Variables
 * count too, because they can make a program run anything. Null if nothing of it changes.
 */
export async function confirmConnectionUpdate(
  { name, set: { config, secret } }: Connections['update'],
  owner: { connections: Pick<OwnerClient['connections'], 'config'> },
): Promise<Confirmation | null> {
  const reference = secret !== undefined && 'ref' in secret ? secret : null
  if (reference === null && config?.kind !== 'mcp') return null
  const now = await owner.connections.config({ name })
  const next = config ?? now
  const isSame = now.kind === 'mcp' && next.kind === 'mcp' && isDeepStrictEqual(launch(now), launch(next))
  if (reference === null && isSame) return null
  const question = confirmConnection({ name, config: next, ...(reference === null ? {} : { secret: reference }) })
  if (question === null || next.kind !== 'mcp' || next.env === undefined) return question
  const variables = Object.entries(next.env).map(([variable, value]) => `    ${variable}: ${value}`)
  return { ...question, detail: `${question.detail}\n${visible([t`Variables:`, ...variables].join('\n'))}` }
}

function launch({ command, args = [], cwd, env = {}, headers = {}, url }: McpConnectionConfig): unknown {
  return { command, args, cwd, env, headers, url }
}

/** Returns what to confirm before a connection reads another secret, or null. */
export function confirmSecret({ name, secret }: Connections['replaceSecret']): Confirmation | null {
  if (!('ref' in secret)) return null
  return {
    message: t`Allow "${name}" to read these values?`,
    detail: visible(`${t`Hallpass reads this value as the secret:`}\n    ${secret.ref}`),
    action: t`Allow`,
  }
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1', '[::1]'])

/**
 * Returns what to confirm before settings let other computers or pages of other origins in, change how they do, or change
 * the address that callers are told. Null for anything else.
 */
export async function confirmSettings(
  input: Inputs['settings']['update'],
  owner: { settings: Pick<OwnerClient['settings'], 'get'> },
): Promise<Confirmation | null> {
  const { allowed_origins: origins, tls, trusted_proxy: proxies, public_url: publicUrl } = input
  const changesNetwork = NETWORK_SETTINGS.some((name) => input[name] !== undefined)
  const host = input.host ?? (changesNetwork ? (await owner.settings.get()).host : '127.0.0.1')
  const opens = [
    ...(LOOPBACK.has(host)
      ? []
      : [t`After a restart, Hallpass listens on ${host}, so other computers can connect to it.`]),
    // Its files are read at once, whatever the address is.
    ...(tls == null ? [] : [t`TLS certificate and key: ${tls.cert}, ${tls.key}`]),
    ...(proxies === undefined || proxies.length === 0 ? [] : [t`Trusted proxies: ${proxies.join(', ')}`]),
    ...(publicUrl == null ? [] : [t`Callers are told to use ${publicUrl}.`]),
    ...(origins !== undefined && origins.length > 0
      ? [t`These websites can call Hallpass from a browser:`, ...origins.map((origin) => `    ${origin}`)]
      : []),
  ]
  return opens.length === 0
    ? null
    : { message: t`Allow access from outside?`, detail: visible(opens.join('\n')), action: t`Allow` }
}
