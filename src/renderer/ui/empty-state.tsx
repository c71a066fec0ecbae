import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** Says what the thing is for, with a button that creates one. */
export function EmptyState({
  icon,
  title,
  children,
  action,
  order = 2,
}: {
  icon: ReactNode
  title: string
  children: ReactNode
  action?: ReactNode
  /** Heading level: 1 if it fills the whole screen. */ order?: 1 | 2
}) {
  return (
    <Stack align="center" gap="xs" py={56} px="md" ta="center" maw={460} mx="auto">
      <div aria-hidden style={{ color: 'var(--hp-dim)' }}>
        {icon}
      </div>
      <Title order={order} size="h4">
        {title}
      </Title>
      <Text c="dimmed" mb="xs">
        {children}
      </Text>
      {action}
    </Stack>
  )
}
