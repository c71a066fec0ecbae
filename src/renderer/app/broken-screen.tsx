import { Button, Code, Stack, Text, Title } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ErrorComponentProps } from '@tanstack/react-router'
import { t } from '../../contract/text/translate.ts'

/** Shown when a screen throws, which is a bug. The rest of the window keeps working, and the engine isn't affected. */
export function BrokenScreen({ error, reset }: ErrorComponentProps) {
  return (
    <Stack align="flex-start" gap="sm" p={24} maw={560} role="alert">
      <IconAlertTriangle size={32} stroke={1.4} aria-hidden style={{ color: 'var(--hp-wait)' }} />
      <Title order={1} size="h3">{t`This page couldn't be displayed`}</Title>
      <Text>{t`Tokens, requests and the log aren't affected. Try again. If it keeps happening, include this message in your report:`}</Text>
      <Code block maw="100%">
        {error instanceof Error ? error.message : String(error)}
      </Code>
      <Button onClick={reset}>{t`Try again`}</Button>
    </Stack>
  )
}
