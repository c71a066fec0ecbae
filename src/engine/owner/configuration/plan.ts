import type { ConfigurationChange } from '../../../contract/configuration.ts'
import { HallpassError } from '../../../contract/errors.ts'
import type { ConnectionConfig } from '../../../contract/owner-api/connections-api.ts'
import type { Permission } from '../../../contract/grants.ts'
import type { Secret } from '../../secrets/secret.ts'
import type { ConfigurationWrites, ConnectionRow, TokenRow } from '../../store/rows.ts'

/** A new or changed connection that must be tested before anything is written. */
export interface ConnectionCheck {
  /** Null for a new connection. */
  id: number | null
  name: string
  config: ConnectionConfig
  /** The secret, if it isn't stored yet, otherwise its location and account. */
  secret: Secret | { location: string; account: string } | null
  /** Permissions of tools that are set once a new MCP server's tools are known. */
  tools: Record<string, Permission>
}

/** The owner's decisions about the secrets of connections. */
export interface SecretChoices {
  /** Secrets that replace those of connections, by name. */
  entered: ReadonlyMap<string, EnteredSecret>
  /** Stored secrets may be sent to the changed addresses of their connections. */
  keep: boolean
}

/** A secret whose location is null until it is stored. */
export interface EnteredSecret {
  secret: Secret
  account: string
  location: string | null
}

/** Everything that applying a configuration would do. */
export interface Plan {
  changes: ConfigurationChange[]
  writes: ConfigurationWrites
  checks: ConnectionCheck[]
  missingSecrets: string[]
  /** Secrets of new access tokens. */
  secrets: { project: string; name: string; secret: string }[]
  warnings: string[]
  /** Stored secrets that would be sent to another address, which the owner must allow. */
  movedSecrets: HallpassError[]
  deletedTokens: TokenRow[]
  deletedConnections: ConnectionRow[]
  /** Stored secrets that nothing refers to afterward. */
  forgottenSecrets: { name: string; location: string; account: string }[]
  /** HTTP APIs whose OpenAPI document is removed. */
  droppedDocuments: number[]
}

export function emptyPlan(): Plan {
  return {
    changes: [],
    writes: {
      setting: null,
      connections: { created: [], updated: [], tools: [], deleted: [] },
      projects: { created: [], included: [], excluded: [], updated: [], deleted: [] },
      tokens: { created: [], updated: [], deleted: [] },
    },
    checks: [],
    missingSecrets: [],
    secrets: [],
    warnings: [],
    movedSecrets: [],
    deletedTokens: [],
    deletedConnections: [],
    forgottenSecrets: [],
    droppedDocuments: [],
  }
}

/** Runs `work` and puts the path of the entry in front of the field of its error. `config.` doesn't occur in a file. */
export function within<T>(path: string, work: () => T): T {
  try {
    return work()
  } catch (thrown) {
    throw atPath(path, thrown)
  }
}

export function atPath(path: string, thrown: unknown): unknown {
  if (!(thrown instanceof HallpassError) || thrown.code === 'INTERNAL') return thrown
  const field = thrown.field?.replace(/^config(?:uration)?\b\.?/, '') ?? ''
  return thrown.reworded(thrown.message, { field: `configuration.${path}${field === '' ? '' : `.${field}`}` })
}
