import { Button, Group } from '@mantine/core'
import { useBlocker } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { Dialog } from '../dialog.tsx'

/**
 * Asks before changes are lost that were filled in and not saved. Returns the question to draw. `isOfTab` if the changes
 * are also lost with another tab of the page.
 */
export function useLeaveGuard(isChanged: boolean, isOfTab = false): ReactNode {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) =>
      isChanged && (current.pathname !== next.pathname || (isOfTab && tabOf(current.search) !== tabOf(next.search))),
    withResolver: true,
    enableBeforeUnload: false,
    disabled: !isChanged,
  })
  if (blocker.status !== 'blocked') return null
  return (
    <Dialog opened onClose={blocker.reset} title={t`Discard changes?`} size="sm">
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={blocker.proceed}>{t`Discard`}</Button>
        <Button data-autofocus onClick={blocker.reset}>{t`Keep editing`}</Button>
      </Group>
    </Dialog>
  )
}

function tabOf(search: object): unknown {
  return 'tab' in search ? search.tab : undefined
}
