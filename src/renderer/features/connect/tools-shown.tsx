import { t } from '../../../contract/text/translate.ts'
import { Radio, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'

/**
 * Chooses what MCP clients of the project see: every tool, three tools for searching, or one server's tools unchanged.
 */
export function ToolsShown({ project }: { project: string }) {
  const { owner, query } = useApi()
  const { data: record } = useQuery(query.projects.get.queryOptions({ input: { name: project } }))
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: { project } }))
  const [problem, setProblem] = useState<string | null>(null)
  if (record === undefined) return null
  const servers = connections?.filter(({ kind }) => kind === 'mcp') ?? []
  const only = servers.length === 1 ? (servers[0]?.name ?? null) : null
  const passed = record.pass_through
  const set = async (value: string): Promise<void> => {
    setProblem(null)
    try {
      await owner.projects.update({
        name: project,
        ...(value === 'pass'
          ? { pass_through: passed ?? only }
          : { mode: value === 'search' ? 'search' : 'all', pass_through: null }),
      })
    } catch (thrown) {
      setProblem(callErrorOf(thrown).sentence)
    }
  }
  return (
    <Radio.Group
      label="Tools shown to clients"
      value={passed !== null ? 'pass' : record.mode}
      onChange={(value) => void set(value)}
      error={problem}
    >
      <Stack gap={6} mt={6}>
        <Radio
          value="all"
          label="All tools"
          description="Every tool that the client's token can use. Good for up to a few dozen tools."
        />
        <Radio
          value="search"
          label="Search mode"
          description="Only search_tools, describe_tool and call_tool. Saves context if there are many tools."
        />
        {(only !== null || passed !== null) && (
          <Radio
            value="pass"
            label={t`Pass-through of ${passed ?? only ?? ''}`}
            description="Only this server, with its own tool, resource and prompt names."
          />
        )}
      </Stack>
    </Radio.Group>
  )
}
