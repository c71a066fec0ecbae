import { Radio, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { plural, t } from '../../../contract/text/translate.ts'
import type { TokenRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { formatNumber } from '../../lib/format.ts'
import { useSaved } from '../../ui/use-saved.tsx'

interface ToolCount {
  tools: number
  context_tokens: number
}

/**
 * Chooses what MCP clients of the project see: every tool, three tools for searching, or one server's tools unchanged.
 * The figures are those of the token, if one is given.
 */
export function ToolsShown({ project, token }: { project: string; token?: TokenRecord | undefined }) {
  const { owner, query } = useApi()
  const { data: record } = useQuery(query.projects.get.queryOptions({ input: { name: project } }))
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const { data: counts } = useQuery(
    query.clients.toolsShown.queryOptions({
      input: { project, token: token?.name ?? '' },
      enabled: token !== undefined,
      retry: false,
    }),
  )
  const saved = useSaved()
  const [problem, setProblem] = useState<string | null>(null)
  if (record === undefined) return null
  const servers = connections?.filter(({ kind }) => kind === 'mcp') ?? []
  const only = servers.length === 1 ? (servers[0]?.name ?? null) : null
  const passed = record.pass_through
  const alone = passed ?? only
  const set = async (value: string): Promise<void> => {
    setProblem(null)
    try {
      const next = await owner.projects.update({
        name: project,
        ...(value === 'pass'
          ? { pass_through: alone }
          : { mode: value === 'search' ? 'search' : 'all', pass_through: null }),
      })
      const former = { mode: record.mode, pass_through: record.pass_through }
      saved(
        () => owner.projects.update({ name: project, ...former }),
        t`Saved`,
        async () => {
          const now = await owner.projects.get({ name: project })
          return now.mode === next.mode && now.pass_through === next.pass_through
        },
      )
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    }
  }
  const aloneCount = counts?.alone?.connection === alone ? counts?.alone : undefined
  return (
    <Radio.Group
      data-writes
      label={t`Clients see`}
      value={passed !== null ? 'pass' : record.mode}
      onChange={(value) => void set(value)}
      error={problem}
    >
      <Stack gap={6} mt={6}>
        <Radio
          value="all"
          label={counted(t`All tools`, counts?.all)}
          description={t`Every tool that the client's token can use. Good for up to a few dozen tools.`}
        />
        <Radio
          value="search"
          label={counted(t`Search`, counts?.search)}
          description={t`Only search_tools, describe_tool and call_tool. Saves context if there are many tools.`}
        />
        {alone !== null && (
          <Radio
            value="pass"
            label={counted(t`${alone} alone`, aloneCount ?? undefined)}
            description={t`Only this server, with its own tool, resource and prompt names.`}
          />
        )}
      </Stack>
      {token !== undefined && token.mode !== null && passed === null && (
        <Text size="sm" c="dimmed" mt={6}>
          {token.mode === 'search'
            ? t`Clients of ${token.name} see search, as set on the token.`
            : t`Clients of ${token.name} see all tools, as set on the token.`}
        </Text>
      )}
    </Radio.Group>
  )
}

/** "All tools: 38, about 9,400 tokens of context" */
function counted(label: string, count: ToolCount | undefined): string {
  if (count === undefined) return label
  const { tools, context_tokens: tokens } = count
  const step = tokens >= 1000 ? 100 : 10
  const about = tokens < step ? tokens : Math.round(tokens / step) * step
  const context = t`about ${plural(about, '# token', '# tokens')} of context`
  return tools === 0 ? t`${label}: no tools` : t`${label}: ${formatNumber(tools)}, ${context}`
}
