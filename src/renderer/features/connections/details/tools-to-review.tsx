import { Button } from '@mantine/core'
import { IconShieldQuestion } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../../../lib/api.tsx'
import { counted } from '../../../lib/format.ts'

/** Tells on the card of an MCP server that some of its tools need review. Renders nothing if none do. */
export function ToolsToReview({ name, onOpen }: { name: string; onOpen: () => void }) {
  const { query } = useApi()
  const { data: tools } = useQuery(query.connections.tools.queryOptions({ input: { name }, retry: false }))
  const waiting = tools?.filter(({ state }) => state !== 'accepted').length ?? 0
  if (waiting === 0) return null
  return (
    <Button
      size="compact-sm"
      variant="light"
      justify="flex-start"
      leftSection={<IconShieldQuestion size={15} />}
      onClick={onOpen}
    >
      {counted(waiting, 'tool')} {waiting === 1 ? 'needs' : 'need'} review
    </Button>
  )
}
