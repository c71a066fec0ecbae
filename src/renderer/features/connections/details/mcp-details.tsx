import { Tabs } from '@mantine/core'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { McpDiagnostics } from './mcp-diagnostics.tsx'
import { McpTools } from './mcp-tools.tsx'

/** Problems are shown first. */
export function McpDetails({ connection }: { connection: ConnectionRecord }) {
  return (
    <Tabs defaultValue={connection.health.state === 'down' ? 'state' : 'tools'} keepMounted={false}>
      <Tabs.List mb="md">
        <Tabs.Tab value="tools">Tools</Tabs.Tab>
        <Tabs.Tab value="state">Status</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="tools">
        <McpTools name={connection.name} />
      </Tabs.Panel>
      <Tabs.Panel value="state">
        <McpDiagnostics connection={connection} />
      </Tabs.Panel>
    </Tabs>
  )
}
