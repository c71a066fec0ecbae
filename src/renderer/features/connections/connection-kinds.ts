import { IconApi, IconDatabase, IconPlugConnected, IconTable, type Icon } from '@tabler/icons-react'
import type { ConnectionKind } from '../../../contract/records.ts'

interface KindLabels {
  word: string
  icon: Icon
  what: string
  secret: string
}

/** Labels and icons of the kinds. */
export const KIND_LABELS: Record<ConnectionKind, KindLabels> = {
  grist: {
    word: 'Grist document',
    icon: IconTable,
    what: 'A document on a Grist server, over its REST API',
    secret: 'API key',
  },
  sqlite: { word: 'SQLite file', icon: IconDatabase, what: 'A database file on this machine', secret: 'Secret' },
  http: {
    word: 'HTTP API',
    icon: IconApi,
    what: 'Any API with a base address, with or without OpenAPI',
    secret: 'Secret',
  },
  mcp: {
    word: 'MCP server',
    icon: IconPlugConnected,
    what: 'A command or an address that speaks MCP',
    secret: 'Secret',
  },
}

/** Returns the label of a secret's location: `keychain`, `vault`, `env:NAME`, `file:PATH`, `none`. */
export function secretLocation(secret: string): string {
  if (secret === 'none') return 'none'
  if (secret === 'keychain') return 'in the keychain'
  if (secret === 'vault') return 'in the vault file'
  if (secret.startsWith('env:')) return `environment variable ${secret.slice(4)}`
  if (secret.startsWith('file:')) return `file ${secret.slice(5)}`
  return secret
}
