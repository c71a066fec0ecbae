import { Button, Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { t } from '../../../../contract/text/translate.ts'
import { PERMISSIONS, type Permission } from '../../../../contract/grants.ts'
import { formatNumber } from '../../../lib/format.ts'
import { isFiltered, NO_FILTER, STATES, type TokenFilter } from './token-filter.ts'
import styles from './tokens.module.css'

const STATE_NAMES: Record<TokenFilter['state'], string> = {
  active: t`Active`,
  paused: t`Paused`,
  ended: t`Ended in the last 30 days`,
  all: t`All`,
}

interface ToolbarProps {
  filter: TokenFilter
  onChange: (filter: TokenFilter) => void
  /** Number of tokens in a state. */
  countOf: (state: TokenFilter['state']) => number
  connections: readonly string[]
}

export function TokenToolbar({ filter, onChange, countOf, connections }: ToolbarProps) {
  return (
    <div className={styles.toolbar} role="search">
      <TextInput
        size="xs"
        type="search"
        data-key="/"
        aria-label={t`Search tokens`}
        placeholder={t`Search tokens`}
        leftSection={<IconSearch size={14} />}
        className={styles.search}
        value={filter.search}
        onChange={(event) => onChange({ ...filter, search: event.currentTarget.value })}
      />
      <Select
        size="xs"
        aria-label={t`State`}
        w={150}
        comboboxProps={{ width: 240, position: 'bottom-start' }}
        data={STATES.map((value) => ({ value, label: `${STATE_NAMES[value]} ${formatNumber(countOf(value))}` }))}
        value={filter.state}
        onChange={(value) => onChange({ ...filter, state: STATES.find((one) => one === value) ?? 'active' })}
        allowDeselect={false}
      />
      <div className={styles.can}>
        <span>{t`Can`}</span>
        <Select
          size="xs"
          aria-label={t`Permission`}
          w={84}
          data={[...PERMISSIONS]}
          value={filter.permission}
          onChange={(value) => onChange({ ...filter, permission: (value ?? 'read') as Permission })}
          allowDeselect={false}
        />
        <span>{t`on`}</span>
        <Select
          size="xs"
          aria-label={t`Connection`}
          w={140}
          placeholder={t`Any connection`}
          data={[...connections]}
          value={filter.connection}
          onChange={(connection) => onChange({ ...filter, connection })}
          searchable
          clearable
          nothingFoundMessage={t`No results`}
        />
      </div>
      {isFiltered(filter) && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onChange(NO_FILTER)}>{t`Clear`}</Button>
      )}
    </div>
  )
}
