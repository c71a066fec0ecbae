import { plural, t } from '../../../../../contract/text/translate.ts'
import type { McpToolRecord, ToolFlag } from '../../../../../contract/upstreams/mcp-connection.ts'

export const LISTS = [
  { value: 'review', label: t`To review` },
  { value: 'on', label: t`On` },
  { value: 'off', label: t`Off` },
  { value: 'rejected', label: t`Rejected` },
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
  instructs: t`instructs the model`,
  secrecy: t`asks for secrecy`,
  private: t`names private files or keys`,
  hidden: t`has hidden characters`,
  encoded: t`has addresses or encoded data`,
  other_tools: t`names tools of other connections`,
}

export function warningLabel(kind: ToolFlag['kind']): string {
  return WARNINGS[kind]
}

/** Returns "2 warnings: instructs the model; names private files or keys". */
export function warningText(flags: readonly ToolFlag[]): string {
  const kinds = [...new Set(flags.map(({ kind }) => kind))]
  return t`${plural(flags.length, '# warning', '# warnings')}: ${kinds.map(warningLabel).join('; ')}`
}
