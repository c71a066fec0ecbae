import { Group, SegmentedControl, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { shellsOf, type Shell } from '../../../lib/curl-command.ts'
import { CopyButton } from '../../../ui/copying/copy-button.tsx'
import styles from '../log.module.css'
import { curlText } from './curl-text.ts'

const SHELL_LABELS: Record<Shell, string> = { sh: t`Shell`, powershell: 'PowerShell', cmd: 'Command Prompt' }

/** The request as a curl command, without its token and values. */
export function RepeatRequest({ row }: { row: RequestRecord }) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const shells = shellsOf(navigator.userAgent)
  const [shell, setShell] = useState<Shell>(shells[0])
  const curl = curlText(row, status?.url ?? '', shell)
  if (curl === null)
    return (
      <Text size="sm" c="dimmed">{t`Owner actions use a private socket, so there is no curl command for them.`}</Text>
    )
  return (
    <>
      <Group justify="space-between" mb={6}>
        <Text size="sm" fw={600}>{t`Repeat with curl`}</Text>
        <Group gap={6}>
          {shells.length > 1 && (
            <SegmentedControl
              aria-label={t`Shell`}
              size="xs"
              value={shell}
              onChange={(value) => setShell(value as Shell)}
              data={shells.map((value) => ({ value, label: SHELL_LABELS[value] }))}
            />
          )}
          <CopyButton text={() => curl.command} label={t`Copy as curl`} />
        </Group>
      </Group>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so it must be focusable */}
      <pre className={styles.code} tabIndex={0} role="region" aria-label={t`The command`}>
        {curl.command}
      </pre>
      <Text size="xs" c="dimmed" mt={6}>
        {curl.note}
      </Text>
    </>
  )
}
