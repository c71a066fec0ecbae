import { SegmentedControl, Select, Switch, TagsInput } from '@mantine/core'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { useIsLost } from '../../lib/live.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { About } from './about.tsx'
import { NotificationSettings } from './notification-settings.tsx'
import { OpenAtLogin } from './open-at-login.tsx'
import { ReachableFrom } from './reachable/reachable-from.tsx'
import { SearchedSettings, SettingsSearchField } from './searched-settings.tsx'
import { SettingGroup, SettingRow } from './setting-row.tsx'
import { RestartHint } from './restart-hint.tsx'
import { ShortcutSettings } from './shortcut-settings.tsx'
import { SignOut } from './sign-out.tsx'
import { TypedValue } from './typed-value.tsx'
import { useSettings } from './use-settings.ts'

const THEMES = [
  { value: 'system', label: t`System` },
  { value: 'light', label: t`Light` },
  { value: 'dark', label: t`Dark` },
]
const LOG_MODES = [
  { value: 'batched', label: t`Within 100 ms` },
  { value: 'strict', label: t`Before each call` },
]
const NEXT_START = t`Takes effect after a restart.`

export function SettingsScreen() {
  const { shell } = useApi()
  const isLost = useIsLost()
  const { settings, save, problems } = useSettings()
  const [search, setSearch] = useState('')
  const problem = (name: keyof typeof problems): string | null => problems[name] ?? null
  return (
    <Page title={t`Settings`} actions={<SettingsSearchField search={search} onSearch={setSearch} />}>
      {settings === undefined ? (
        <SkeletonRows rows={8} height={64} />
      ) : (
        <>
          <RestartHint settings={settings} />
          <SearchedSettings search={search}>
            <SettingGroup title={t`General`}>
              <SettingRow
                id="theme"
                label={t`Theme`}
                effect={t`Theme of the desktop app and the web console.`}
                problem={problem('theme')}
              >
                <SegmentedControl
                  data-writes
                  id="theme"
                  size="xs"
                  data={THEMES}
                  value={settings.theme}
                  onChange={(value) => save('theme', value)}
                  aria-label={t`Theme`}
                />
              </SettingRow>
              {shell !== null ? <OpenAtLogin shell={shell} /> : <SignOut />}
              <SettingRow
                id="pause"
                label={t`Pause while locked`}
                effect={t`Pauses all access while the screen is locked or the computer sleeps. Desktop app only.`}
                problem={problem('pause_on_lock')}
              >
                <Switch
                  data-writes
                  id="pause"
                  aria-describedby="pause-effect"
                  checked={settings.pause_on_lock}
                  onChange={(event) => save('pause_on_lock', event.currentTarget.checked)}
                />
              </SettingRow>
            </SettingGroup>

            <SettingGroup title={t`Access`}>
              <ReachableFrom settings={settings} />
              <SettingRow
                id="port"
                label={t`Port`}
                effect={t`Port for clients and scripts. If you change it, update the clients that connect over HTTP. ${NEXT_START}`}
                problem={problem('port')}
              >
                <TypedValue
                  id="port"
                  mono
                  value={String(settings.port)}
                  problem={problem('port')}
                  onSave={(text) => save('port', wholeNumber(text))}
                />
              </SettingRow>
              <SettingRow
                id="rate"
                label={t`Default rate limit`}
                effect={t`For tokens without their own limit, for example 6000/m or 100/s.`}
                problem={problem('default_rate')}
              >
                <TypedValue
                  id="rate"
                  mono
                  value={settings.default_rate}
                  problem={problem('default_rate')}
                  onSave={(text) => save('default_rate', text)}
                />
              </SettingRow>
              <SettingRow
                id="origins"
                label={t`Allowed origins`}
                effect={t`Websites that can call Hallpass from a browser, for example https://app.example.com. Leave empty if you don't need it.`}
                problem={problem('allowed_origins')}
              >
                <TagsInput
                  wrapperProps={{ 'data-writes': true }}
                  id="origins"
                  w="100%"
                  aria-describedby="origins-effect"
                  placeholder="https://app.example.com"
                  value={settings.allowed_origins}
                  acceptValueOnBlur={!isLost}
                  error={problem('allowed_origins') !== null}
                  onChange={(values) => save('allowed_origins', values)}
                />
              </SettingRow>
            </SettingGroup>

            <SettingGroup title={t`Request log`}>
              <SettingRow
                id="log-mode"
                label={t`Write to disk`}
                effect={t`Before each call is slower, but nothing is lost in a power failure.`}
                problem={problem('log_mode')}
              >
                <Select
                  data-writes
                  id="log-mode"
                  w="100%"
                  aria-describedby="log-mode-effect"
                  data={LOG_MODES}
                  value={settings.log_mode}
                  allowDeselect={false}
                  onChange={(value) => save('log_mode', value)}
                />
              </SettingRow>
              <SettingRow
                id="log-days"
                label={t`Keep for (days)`}
                effect={t`Older requests are deleted.`}
                problem={problem('log_days')}
              >
                <TypedValue
                  id="log-days"
                  value={String(settings.log_days)}
                  problem={problem('log_days')}
                  onSave={(text) => save('log_days', wholeNumber(text))}
                />
              </SettingRow>
              <SettingRow
                id="log-rows"
                label={t`Maximum requests`}
                effect={t`When the limit is reached, the oldest are deleted.`}
                problem={problem('log_rows')}
              >
                <TypedValue
                  id="log-rows"
                  value={String(settings.log_rows)}
                  problem={problem('log_rows')}
                  onSave={(text) => save('log_rows', wholeNumber(text))}
                />
              </SettingRow>
            </SettingGroup>
            {shell !== null && <NotificationSettings settings={settings} save={save} />}
            <ShortcutSettings settings={settings} save={save} />
          </SearchedSettings>
        </>
      )}
      {settings !== undefined && search.trim() === '' && <About />}
    </Page>
  )
}

/** Returns the number, or the text itself, so that the schema's error describes it. */
function wholeNumber(text: string): number | string {
  const digits = text.replaceAll(/[,\s]/g, '')
  return /^\d+$/.test(digits) ? Number(digits) : text
}
