import { t } from '../../../contract/text/translate.ts'
import { IconApi, IconDatabase, IconPlugConnected, IconTable, type Icon } from '@tabler/icons-react'
import type { ConnectionKind } from '../../../contract/records.ts'

interface KindLabels {
  label: string
  /** The title of the form that adds one. */
  add: string
  icon: Icon
  what: string
  secret: string
}

export const KIND_LABELS: Record<ConnectionKind, KindLabels> = {
  grist: {
    label: 'Grist document',
    add: t`Add a Grist document`,
    icon: IconTable,
    what: 'A document on a Grist server',
    secret: 'API key',
  },
  sqlite: {
    label: 'SQLite file',
    add: t`Add a SQLite file`,
    icon: IconDatabase,
    what: 'A database file on this computer',
    secret: 'Secret',
  },
  http: {
    label: 'HTTP API',
    add: t`Add an HTTP API`,
    icon: IconApi,
    what: 'Any REST or HTTP API, with or without OpenAPI',
    secret: 'Secret',
  },
  mcp: {
    label: 'MCP server',
    add: t`Add an MCP server`,
    icon: IconPlugConnected,
    what: 'A local command or a remote server',
    secret: 'Secret',
  },
}

/** Returns the label of a secret's location: `keychain`, `vault`, `env:NAME`, `file:PATH`, `none`. */
export function secretLocation(secret: string): string {
  if (secret === 'none') return 'None'
  if (secret === 'keychain') return 'Keychain'
  if (secret === 'vault') return 'Vault file'
  if (secret.startsWith('env:')) return `Variable ${secret.slice(4)}`
  if (secret.startsWith('file:')) return `File ${secret.slice(5)}`
  return secret
}
