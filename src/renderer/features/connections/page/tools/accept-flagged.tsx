import { Stack, Text } from '@mantine/core'
import type { McpToolRecord } from '../../../../../contract/upstreams/mcp-connection.ts'
import { counted } from '../../../../lib/format.ts'
import { Confirm } from '../../../../ui/confirm.tsx'
import { warningText } from './tool-lists.ts'

interface AcceptFlaggedProps {
  tool: McpToolRecord
  onAccept: () => Promise<void>
  onClose: () => void
}

/** A tool with suspicious text is accepted by itself, and asks once more. */
export function AcceptFlagged({ tool, onAccept, onClose }: AcceptFlaggedProps) {
  return (
    <Confirm
      opened
      title={`Accept ${tool.name} with ${counted(tool.flags.length, 'warning')}?`}
      action={`Accept with ${counted(tool.flags.length, 'warning')}`}
      onConfirm={onAccept}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text size="sm">{warningText(tool.flags)}.</Text>
        <Text size="sm" c="dimmed">
          Agents read these texts as if you had written them.
        </Text>
      </Stack>
    </Confirm>
  )
}
