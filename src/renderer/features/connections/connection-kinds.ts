import { IconApi, IconDatabase, IconPlugConnected, IconTable, type Icon } from '@tabler/icons-react'
import { t } from '../../../contract/text/translate.ts'
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
    label: t`Grist document`,
    add: t`Add a Grist document`,
    icon: IconTable,
    what: t`A document on a Grist server`,
    secret: t`API key`,
  },
  sqlite: {
    label: t`SQLite file`,
    add: t`Add a SQLite file`,
    icon: IconDatabase,
    what: t`A database file on this computer`,
    secret: t`Secret`,
  },
  http: {
    label: t`HTTP API`,
    add: t`Add an HTTP API`,
    icon: IconApi,
    what: t`Any REST or HTTP API, with or without OpenAPI`,
    secret: t`Secret`,
  },
  mcp: {
    label: t`MCP server`,
    add: t`Add an MCP server`,
    icon: IconPlugConnected,
    what: t`A local command or a remote server`,
    secret: t`Secret`,
  },
}

/** Returns the label of a secret's location: `keychain`, `vault`, `env:NAME`, `file:PATH`, `none`. */
export function secretLocation(secret: string): string {
  if (secret === 'none') return t`None`
  if (secret === 'keychain') return t`Keychain`
  if (secret === 'vault') return t`Vault file`
  if (secret.startsWith('env:')) return t`Variable ${secret.slice(4)}`
  if (secret.startsWith('file:')) return t`File ${secret.slice(5)}`
  return secret
}
