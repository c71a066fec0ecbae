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
      label="Clients see"
      value={passed !== null ? 'pass' : record.mode}
      onChange={(value) => void set(value)}
      error={problem}
    >
      <Stack gap={6} mt={6}>
        <Radio value="all" label="Every tool that their token may use" description="Right for some dozens of tools." />
        <Radio
          value="search"
          label="Three tools to find and call the others by"
          description="search_tools, describe_tool and call_tool: spares the client’s context where there are many."
        />
        {(only !== null || passed !== null) && (
          <Radio
            value="pass"
            label={`${passed ?? only} alone, as it is`}
            description="Its tools, resources and prompts keep their own names; nothing else is shown."
          />
        )}
      </Stack>
    </Radio.Group>
  )
}
