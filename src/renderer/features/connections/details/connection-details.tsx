import { Drawer } from '@mantine/core'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { HttpDetails } from './http-details.tsx'
import { McpDetails } from './mcp-details.tsx'

interface ConnectionDetailsProps {
  connection: ConnectionRecord
  opened: boolean
  onClose: () => void
}

/** What an API or MCP server offers, and its state. */
export function ConnectionDetails({ connection, opened, onClose }: ConnectionDetailsProps) {
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title={connection.name}>
      {opened &&
        (connection.kind === 'mcp' ? <McpDetails connection={connection} /> : <HttpDetails name={connection.name} />)}
    </Drawer>
  )
}
