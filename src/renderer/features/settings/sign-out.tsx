import { Button } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { CONSOLE_HEADER, CONSOLE_KEY_ITEM, CONSOLE_SIGN_OUT_PATH } from '../../../contract/owner-api/console-api.ts'
import { useFailure } from '../../ui/failure.tsx'
import { SettingRow } from './setting-row.tsx'

/** Signs this browser out of the web console. */
export function SignOut() {
  const failure = useFailure()
  const [busy, setBusy] = useState(false)
  const signOut = async (): Promise<void> => {
    setBusy(true)
    try {
      const key = localStorage.getItem(CONSOLE_KEY_ITEM) ?? 'none'
      const answer = await fetch(CONSOLE_SIGN_OUT_PATH, {
        method: 'POST',
        headers: { [CONSOLE_HEADER]: key },
        redirect: 'error',
      })
      if (!answer.ok && answer.status !== 401) throw new Error(`Couldn't sign out (status ${answer.status}).`)
      localStorage.removeItem(CONSOLE_KEY_ITEM)
      location.reload()
    } catch (thrown) {
      setBusy(false)
      failure(thrown)
    }
  }
  return (
    <SettingRow
      id="sign-out"
      label={t`Session`}
      effect={t`You stay signed in until you sign out or you're inactive for 12 hours.`}
    >
      <Button
        data-writes
        id="sign-out"
        variant="default"
        size="xs"
        loading={busy}
        aria-label={t`Sign out`}
        onClick={() => void signOut()}
      >{t`Sign out`}</Button>
    </SettingRow>
  )
}
