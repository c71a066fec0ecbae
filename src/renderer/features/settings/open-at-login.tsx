import { Switch } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { t } from '../../../contract/text/translate.ts'
import type { ShellClient } from '../../lib/engine-client.ts'
import { useFailure } from '../../ui/failure.tsx'
import { SettingRow } from './setting-row.tsx'

const KEY = ['shell', 'info']

/** The operating system stores this setting, so only the desktop app can read and change it. */
export function OpenAtLogin({ shell }: { shell: ShellClient }) {
  const queries = useQueryClient()
  const failure = useFailure()
  const { data } = useQuery({ queryKey: KEY, queryFn: () => shell.info() })
  const change = (open: boolean): void => {
    shell.setOpenAtLogin({ open_at_login: open }).then((info) => queries.setQueryData(KEY, info), failure)
  }
  if (data?.open_at_login_possible !== true) return null
  return (
    <SettingRow
      id="login"
      label={t`Open at login`}
      effect={t`Start Hallpass in the tray when you log in to this computer.`}
    >
      <Switch
        id="login"
        aria-describedby="login-effect"
        checked={data.open_at_login}
        onChange={(event) => change(event.currentTarget.checked)}
      />
    </SettingRow>
  )
}
