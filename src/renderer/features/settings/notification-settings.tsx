import { t } from '../../../contract/text/translate.ts'
import { Switch } from '@mantine/core'
import { NOTIFICATION_KINDS, type NotificationKind, type Settings } from '../../../contract/settings.ts'
import { SettingGroup, SettingRow } from './setting-row.tsx'
import type { SettingsForm } from './use-settings.ts'

const TEXTS: Record<NotificationKind, { label: string; effect: string }> = {
  connection_down: { label: t`Connection is down`, effect: t`When a check or a request fails.` },
  tools_review: { label: t`Tools need review`, effect: t`When an MCP server has new or changed tools.` },
  token_expiring: { label: t`Token expires`, effect: t`The day before a token expires.` },
  ended_token: {
    label: t`Expired token is tried`,
    effect: t`When an expired or revoked token is tried again and again.`,
  },
}

/** A switch for each kind of notification of the desktop app. */
export function NotificationSettings({ settings, save }: { settings: Settings; save: SettingsForm['save'] }) {
  const chosen = settings.notifications
  return (
    <SettingGroup title={t`Notifications`}>
      {NOTIFICATION_KINDS.map((kind) => (
        <SettingRow key={kind} id={kind} label={TEXTS[kind].label} effect={TEXTS[kind].effect}>
          <Switch
            data-writes
            id={kind}
            aria-describedby={`${kind}-effect`}
            checked={chosen.includes(kind)}
            onChange={(event) =>
              save(
                'notifications',
                event.currentTarget.checked ? [...chosen, kind] : chosen.filter((one) => one !== kind),
              )
            }
          />
        </SettingRow>
      ))}
    </SettingGroup>
  )
}
