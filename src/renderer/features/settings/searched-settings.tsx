import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import { SettingSearch } from './setting-row.tsx'
import styles from './settings.module.css'

/** Shows the settings whose name or effect contains what is searched for. */
export function SearchedSettings({ search, children }: { search: string; children: ReactNode }) {
  return (
    <SettingSearch value={search.trim().toLowerCase()}>
      <div className={styles.all}>
        {children}
        {search.trim() !== '' && <p className={styles.nothing}>{t`No results`}</p>}
      </div>
    </SettingSearch>
  )
}

export function SettingsSearchField({ search, onSearch }: { search: string; onSearch: (search: string) => void }) {
  return (
    <TextInput
      size="xs"
      w={220}
      data-key="/"
      aria-label={t`Search settings`}
      placeholder={t`Search settings`}
      leftSection={<IconSearch size={15} />}
      value={search}
      onChange={(event) => onSearch(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key === 'Escape') onSearch('')
      }}
    />
  )
}
