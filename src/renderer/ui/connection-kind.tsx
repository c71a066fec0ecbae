import { IconApi, IconDatabase, IconPlugConnected, IconTable } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import type { ConnectionKind } from '../../contract/records.ts'

const KINDS: Record<ConnectionKind, { word: string; icon: (size: number) => ReactNode }> = {
  grist: { word: 'Grist document', icon: (size) => <IconTable size={size} aria-hidden /> },
  sqlite: { word: 'SQLite document', icon: (size) => <IconDatabase size={size} aria-hidden /> },
  http: { word: 'HTTP API', icon: (size) => <IconApi size={size} aria-hidden /> },
  mcp: { word: 'MCP server', icon: (size) => <IconPlugConnected size={size} aria-hidden /> },
}

export function connectionKindWord(kind: ConnectionKind): string {
  return KINDS[kind].word
}

export function ConnectionKindIcon({ kind, size = 18 }: { kind: ConnectionKind; size?: number }) {
  return KINDS[kind].icon(size)
}
