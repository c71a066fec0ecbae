import { Switch } from '@mantine/core'
import { t } from '../../../contract/text/translate.ts'
import type { Settings } from '../../../contract/settings.ts'
import { SettingGroup, SettingRow } from './setting-row.tsx'
import type { SettingsForm } from './use-settings.ts'

export function ShortcutSettings({ settings, save }: { settings: Settings; save: SettingsForm['save'] }) {
  return (
    <SettingGroup title={t`Shortcuts`}>
      <SettingRow
        id="single-keys"
        label={t`Single letters`}
        effect={t`Use single letters such as N, G, J and K as shortcuts. Press ? to list those of a screen.`}
      >
        <Switch
          data-writes
          id="single-keys"
          aria-describedby="single-keys-effect"
          checked={settings.single_keys}
          onChange={(event) => save('single_keys', event.currentTarget.checked)}
        />
      </SettingRow>
    </SettingGroup>
  )
}
