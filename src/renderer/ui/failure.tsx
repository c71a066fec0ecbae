import { notifications } from '@mantine/notifications'
import { IconAlertTriangle } from '@tabler/icons-react'
import { t } from '../../contract/text/translate.ts'
import { callErrorOf } from '../lib/call-error.ts'

/** Shows the engine's sentence in a dismissible notification, for actions without a form. */
export function useFailure(): (thrown: unknown) => void {
  return (thrown) => showFailure(callErrorOf(thrown).sentence)
}

/** Like `useFailure`, for failures outside the engine. */
export function showFailure(sentence: string): void {
  notifications.show({
    color: 'red',
    icon: <IconAlertTriangle size={18} />,
    title: t`Something went wrong`,
    message: sentence,
    autoClose: 10_000,
  })
}
