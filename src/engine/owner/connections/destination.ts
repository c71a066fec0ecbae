import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import type { ConnectionEffects } from '../../../contract/owner-api/connection-effects.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import { newDestination } from '../configuration/secret-destinations.ts'

/**
 * Returns where a stored secret would go with new settings, if it never went there. For a command that is everything it is
 * started with, because an argument or a variable can tell a program where to send what it is given.
 */
export function secretMove(row: ConnectionRow, config: ConnectionConfig): ConnectionEffects['secret_needed'] {
  if (row.secret_location === null) return null
  const [before, after] = [launchOf(row.config), launchOf(config)]
  if (after !== null && before?.key !== after.key)
    return { stored_for: before?.command ?? hostOf(row.config), wanted_for: after.command }
  const moved = newDestination(row, config)
  return moved === null
    ? null
    : { stored_for: before?.command ?? hostOf(row.config), wanted_for: new URL(moved.origin).host }
}

function launchOf(config: ConnectionConfig | ConnectionRow['config']): { command: string; key: string } | null {
  if (config.kind !== 'mcp' || config.command === undefined) return null
  const { command, args = [], cwd = null, env = {} } = config
  return { command, key: JSON.stringify([command, args, cwd, Object.entries(env).toSorted()]) }
}

function hostOf(config: ConnectionRow['config']): string {
  const address = 'url' in config ? URL.parse(config.url ?? '') : null
  return address?.host ?? 'another place'
}
