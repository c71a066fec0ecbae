import type { McpToolRecord, ToolFlag } from '../../../../../contract/upstreams/mcp-connection.ts'
import { counted } from '../../../../lib/format.ts'

export const LISTS = [
  { value: 'review', label: 'To review' },
  { value: 'on', label: 'On' },
  { value: 'off', label: 'Off' },
  { value: 'rejected', label: 'Rejected' },
] as const
export type ToolList = (typeof LISTS)[number]['value']

export function inList({ state, enabled }: McpToolRecord, list: ToolList): boolean {
  switch (list) {
    case 'review':
      return state === 'new' || state === 'changed' || state === 'removed'
    case 'rejected':
      return state === 'rejected'
    case 'on':
      return state === 'accepted' && enabled
    case 'off':
      return state === 'accepted' && !enabled
  }
}

export function firstList(tools: readonly McpToolRecord[]): ToolList {
  return tools.some((tool) => inList(tool, 'review')) ? 'review' : 'on'
}

const WARNINGS: Record<ToolFlag['kind'], string> = {
  instructs: 'instructs the model',
  secrecy: 'asks for secrecy',
  private: 'names private files or keys',
  hidden: 'has hidden characters',
  encoded: 'has addresses or encoded data',
  other_tools: 'names tools of other connections',
}

export function warningLabel(kind: ToolFlag['kind']): string {
  return WARNINGS[kind]
}

/** Returns "2 warnings: instructs the model; names private files or keys". */
export function warningText(flags: readonly ToolFlag[]): string {
  const kinds = [...new Set(flags.map(({ kind }) => kind))]
  return `${counted(flags.length, 'warning')}: ${kinds.map(warningLabel).join('; ')}`
}
