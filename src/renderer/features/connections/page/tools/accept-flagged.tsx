import { Stack, Text } from '@mantine/core'
import { plural, t } from '../../../../../contract/text/translate.ts'
import type { McpToolRecord } from '../../../../../contract/upstreams/mcp-connection.ts'
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
      title={t`Accept ${tool.name} with ${plural(tool.flags.length, '# warning', '# warnings')}?`}
      action={t`Accept with ${plural(tool.flags.length, '# warning', '# warnings')}`}
      onConfirm={onAccept}
      onClose={onClose}
    >
      <Stack gap="xs">
        <Text size="sm">{warningText(tool.flags)}.</Text>
        <Text size="sm" c="dimmed">{t`Agents read these texts as if you had written them.`}</Text>
      </Stack>
    </Confirm>
  )
}
