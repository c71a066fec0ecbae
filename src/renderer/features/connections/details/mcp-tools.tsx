import { Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import type { McpToolRecord } from '../../../../contract/upstreams/mcp-connection.ts'
import { useApi } from '../../../lib/api.tsx'
import { counted } from '../../../lib/format.ts'
import { callErrorOf } from '../../../lib/call-error.ts'
import { useFailure } from '../../../ui/failure.tsx'
import { McpTool } from './mcp-tool.tsx'

const MAX_SHOWN = 100

/**
 * Tools that need review come first, each with its changes, then the accepted ones with the permission they require.
 */
export function McpTools({ name }: { name: string }) {
  const { owner, query } = useApi()
  const queries = useQueryClient()
  const failure = useFailure()
  const options = query.connections.tools.queryOptions({ input: { name }, retry: false })
  const { data: tools, error } = useQuery(options)
  const [search, setSearch] = useState('')
  const [busy, setBusy] = useState(false)

  const run = async (change: () => Promise<McpToolRecord[]>): Promise<void> => {
    setBusy(true)
    try {
      queries.setQueryData(options.queryKey, await change())
    } catch (thrown) {
      failure(thrown)
    } finally {
      setBusy(false)
    }
  }
  const accept = (list: readonly McpToolRecord[]): void =>
    void run(() =>
      owner.connections.acceptTools({
        name,
        tools: list.map(({ name: tool, fingerprint }) => ({ name: tool, fingerprint })),
      }),
    )
  const permit = (tool: string, permission: McpToolRecord['permission'] | null): void =>
    void run(() => owner.connections.setToolPermission({ name, tool, permission }))

  if (error !== null)
    return (
      <Text role="alert" style={{ color: 'var(--hp-bad)' }}>
        {callErrorOf(error).sentence}
      </Text>
    )
  if (tools === undefined) return <Skeleton height={200} />
  const waiting = tools.filter(({ state }) => state !== 'accepted')
  const found = tools.filter(
    (one) =>
      one.state === 'accepted' && `${one.name} ${one.description ?? ''}`.toLowerCase().includes(search.toLowerCase()),
  )
  const shown = found.slice(0, MAX_SHOWN)
  return (
    <Stack gap="lg">
      {waiting.length > 0 && (
        <section aria-labelledby="tools-waiting">
          <Group justify="space-between" mb={4}>
            <Title order={3} size="h5" id="tools-waiting">
              {counted(waiting.length, 'tool')} {waiting.length === 1 ? 'needs' : 'need'} review
            </Title>
            <Button size="xs" loading={busy} onClick={() => accept(waiting)}>
              Accept all
            </Button>
          </Group>
          <Text size="sm" c="dimmed" mb="xs">
            Agents can't use these tools until you accept them.
          </Text>
          <Stack gap="xs">
            {waiting.map((tool) => (
              <McpTool key={tool.name} tool={tool} busy={busy} onAccept={() => accept([tool])} onPermit={permit} />
            ))}
          </Stack>
        </section>
      )}
      <section aria-labelledby="tools-accepted">
        <Group justify="space-between" mb="xs">
          <Title order={3} size="h5" id="tools-accepted">
            {counted(tools.length - waiting.length, 'accepted tool')}
          </Title>
          {tools.length > 8 && (
            <TextInput
              size="xs"
              aria-label="Search tools"
              placeholder="Search tools"
              leftSection={<IconSearch size={14} />}
              value={search}
              onChange={(event) => setSearch(event.currentTarget.value)}
            />
          )}
        </Group>
        <Stack gap="xs">
          {shown.map((tool) => (
            <McpTool key={tool.name} tool={tool} busy={busy} onAccept={() => accept([tool])} onPermit={permit} />
          ))}
        </Stack>
        {found.length > shown.length && (
          <Text size="xs" c="dimmed" mt="xs">
            And {found.length - shown.length} more. Search to narrow the list.
          </Text>
        )}
        {found.length === 0 && (
          <Text size="sm" c="dimmed">
            {search === '' ? 'No tools yet' : 'No matching tools'}
          </Text>
        )}
      </section>
    </Stack>
  )
}
