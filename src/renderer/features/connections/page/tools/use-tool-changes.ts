import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { plural, t } from '../../../../../contract/text/translate.ts'
import type { McpToolRecord } from '../../../../../contract/upstreams/mcp-connection.ts'
import { useApi } from '../../../../lib/api.tsx'
import { useFailure } from '../../../../ui/failure.tsx'
import { useSaved } from '../../../../ui/use-saved.tsx'

/** Changes of tools. Each can be undone while the page is open. */
export function useToolChanges(name: string) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const failure = useFailure()
  const saved = useSaved()
  const [busy, setBusy] = useState(false)
  const { queryKey } = query.connections.tools.queryOptions({ input: { name } })

  const show = async (change: Promise<McpToolRecord[]>): Promise<void> => {
    queries.setQueryData(queryKey, await change)
  }
  const run = async (change: () => Promise<McpToolRecord[]>, label: string, undo: () => Promise<McpToolRecord[]>) => {
    setBusy(true)
    try {
      await show(change())
      saved(() => show(undo()), label)
    } finally {
      setBusy(false)
    }
  }
  const seen = (tools: readonly McpToolRecord[]) =>
    tools.map(({ name: tool, fingerprint }) => ({ name: tool, fingerprint }))
  const names = (tools: readonly McpToolRecord[]) => tools.map((tool) => tool.name)
  const label = (done: (what: string) => string, tools: readonly McpToolRecord[]): string =>
    done(tools.length === 1 ? (tools[0]?.name ?? '') : t`${plural(tools.length, '# tool', '# tools')}`)

  const acceptNow = (tools: readonly McpToolRecord[]): Promise<void> =>
    run(
      () => owner.connections.acceptTools({ name, tools: seen(tools) }),
      label((what) => t`Accepted ${what}`, tools),
      () => owner.connections.undoReview({ name, tools: names(tools) }),
    )
  return {
    busy,
    acceptNow,
    accept: (tools: readonly McpToolRecord[]): void => void acceptNow(tools).catch(failure),
    reject: (tools: readonly McpToolRecord[]): void =>
      void run(
        () => owner.connections.rejectTools({ name, tools: seen(tools) }),
        label((what) => t`Rejected ${what}`, tools),
        () => owner.connections.undoReview({ name, tools: names(tools) }),
      ).catch(failure),
    switchTo: (tools: readonly McpToolRecord[], enabled: boolean): void =>
      void run(
        () => owner.connections.setToolsEnabled({ name, tools: names(tools), enabled }),
        label((what) => (enabled ? t`Turned on ${what}` : t`Turned off ${what}`), tools),
        () => owner.connections.setToolsEnabled({ name, tools: names(tools), enabled: !enabled }),
      ).catch(failure),
    permit: (tool: McpToolRecord, permission: McpToolRecord['permission'] | null): void =>
      void run(
        () => owner.connections.setToolPermission({ name, tool: tool.name, permission }),
        permission === null ? t`${tool.name} takes what it declares` : t`${tool.name} takes ${permission}`,
        () =>
          owner.connections.setToolPermission({
            name,
            tool: tool.name,
            permission: tool.permission_set_by_owner ? tool.permission : null,
          }),
      ).catch(failure),
  }
}
