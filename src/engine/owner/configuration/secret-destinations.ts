import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import type { ConnectionRow } from '../../store/rows.ts'

/** A setting that sends the stored secret to a host or program that didn't get it before. */
export interface SecretMove {
  field: string
  /** A host or a command. */
  from: string
  to: string
  /** The same as `to`, with its scheme if it is a host. */
  address: string
}

/**
 * Returns where a stored secret would go with new settings, if it never went there. For a command that is everything it is
 * started with, because an argument or a variable can tell a program where to send what it is given.
 */
export function secretMove(row: ConnectionRow, config: ConnectionConfig): SecretMove | null {
  if (row.secret_location === null) return null
  const [before, after] = [launchOf(row.config), launchOf(config)]
  const known = destinations(row.config)
  const from = before?.command ?? known[0]?.host ?? 'another place'
  if (after !== null)
    return before?.key === after.key ? null : { field: 'command', from, to: after.command, address: after.command }
  const moved = destinations(config).find(({ origin }) => !known.some((one) => one.origin === origin))
  return moved === undefined ? null : { field: moved.field, from, to: moved.host, address: moved.origin }
}

function launchOf(config: ConnectionConfig | ConnectionRow['config']): { command: string; key: string } | null {
  if (config.kind !== 'mcp' || config.command === undefined) return null
  const { command, args = [], cwd = null, env = {} } = config
  return { command, key: JSON.stringify([command, args, cwd, Object.entries(env).toSorted()]) }
}

/** Returns whether the connection's secret comes from a sign-in, so that it is of no use elsewhere. */
export function signsIn(config: { kind: string; oauth?: boolean | undefined }): boolean {
  return config.kind === 'mcp' && config.oauth === true
}

function destinations(config: ConnectionRow['config'] | ConnectionConfig) {
  const { url, auth }: { url?: string; auth?: { token_url?: string } } = { ...config } as object
  const fields = [
    { field: 'url', address: url },
    { field: 'auth.token_url', address: auth?.token_url },
  ]
  return fields.flatMap(({ field, address }) => {
    const parsed = address === undefined ? null : URL.parse(address)
    return parsed === null ? [] : [{ field, origin: parsed.origin, host: parsed.host }]
  })
}
