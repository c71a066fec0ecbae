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
  const run = async (
    targets: readonly McpToolRecord[],
    change: () => Promise<McpToolRecord[]>,
    label: string,
    undo: () => Promise<McpToolRecord[]>,
  ) => {
    setBusy(true)
    try {
      const next = await change()
      queries.setQueryData(queryKey, next)
      const decided = (all: readonly McpToolRecord[]) => decisionsOn(all, new Set(names(targets)))
      const isUnchanged = async () => decided(await owner.connections.tools({ name })) === decided(next)
      saved(() => show(undo()), label, isUnchanged)
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
      tools,
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
        tools,
        () => owner.connections.rejectTools({ name, tools: seen(tools) }),
        label((what) => t`Rejected ${what}`, tools),
        () => owner.connections.undoReview({ name, tools: names(tools) }),
      ).catch(failure),
    switchTo: (tools: readonly McpToolRecord[], enabled: boolean): void =>
      void run(
        tools,
        () => owner.connections.setToolsEnabled({ name, tools: names(tools), enabled }),
        label((what) => (enabled ? t`Turned on ${what}` : t`Turned off ${what}`), tools),
        () => owner.connections.setToolsEnabled({ name, tools: names(tools), enabled: !enabled }),
      ).catch(failure),
    permit: (tool: McpToolRecord, permission: McpToolRecord['permission'] | null): void =>
      void run(
        [tool],
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

/** What the owner decided on some of the tools, as a text to compare. */
function decisionsOn(tools: readonly McpToolRecord[], names: ReadonlySet<string>): string {
  const decided = tools.filter(({ name }) => names.has(name))
  return JSON.stringify(decided.map(({ name, state, enabled, permission }) => [name, state, enabled, permission]))
}
