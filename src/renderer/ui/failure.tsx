import { notifications } from '@mantine/notifications'
import { IconAlertTriangle } from '@tabler/icons-react'
import { callErrorOf } from '../lib/call-error.ts'

/** For acts without a form of their own: what went wrong, in the engine's sentence, in a corner that can be dismissed. */
export function useFailure(): (thrown: unknown) => void {
  return (thrown) => showFailure(callErrorOf(thrown).sentence)
}

/** The same for what the engine has no part in. */
export function showFailure(sentence: string): void {
  notifications.show({
    color: 'red',
    icon: <IconAlertTriangle size={18} />,
    title: 'That did not work',
    message: sentence,
    autoClose: 10_000,
  })
}
