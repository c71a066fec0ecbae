import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import type { ConnectionRow } from '../../store/rows.ts'

/** A field with an address that gets the connection's secret, and its origin. */
export interface SecretDestination {
  field: string
  origin: string
}

/**
 * Returns an address to which the new settings would send the stored secret although the old ones didn't, or null. A program
 * that Hallpass starts isn't one, because it can read whatever its user can.
 */
export function newDestination(row: ConnectionRow, config: ConnectionConfig): SecretDestination | null {
  const known = destinations(row.config).map(({ origin }) => origin)
  return destinations(config).find(({ origin }) => !known.includes(origin)) ?? null
}

/** Returns whether the connection's secret comes from a sign-in, so that it is of no use elsewhere. */
export function signsIn(config: { kind: string; oauth?: boolean | undefined }): boolean {
  return config.kind === 'mcp' && config.oauth === true
}

function destinations(config: ConnectionRow['config'] | ConnectionConfig): SecretDestination[] {
  const { url, auth }: { url?: string; auth?: { token_url?: string } } = { ...config } as object
  const fields = [
    { field: 'url', address: url },
    { field: 'auth.token_url', address: auth?.token_url },
  ]
  return fields.flatMap(({ field, address }) => {
    const parsed = address === undefined ? null : URL.parse(address)
    return parsed === null ? [] : [{ field, origin: parsed.origin }]
  })
}
