import { Button, Select, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { PERMISSIONS, type Permission } from '../../../../contract/grants.ts'
import { formatNumber } from '../../../lib/format.ts'
import { isFiltered, NO_FILTER, STATES, type TokenFilter } from './token-filter.ts'
import styles from './tokens.module.css'

const STATE_NAMES: Record<TokenFilter['state'], string> = {
  active: 'Active',
  paused: 'Paused',
  ended: 'Ended in the last 30 days',
  all: 'All',
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
        aria-label="Search tokens"
        placeholder="Search tokens"
        leftSection={<IconSearch size={14} />}
        className={styles.search}
        value={filter.search}
        onChange={(event) => onChange({ ...filter, search: event.currentTarget.value })}
      />
      <Select
        size="xs"
        aria-label="State"
        w={150}
        comboboxProps={{ width: 240, position: 'bottom-start' }}
        data={STATES.map((value) => ({ value, label: `${STATE_NAMES[value]} ${formatNumber(countOf(value))}` }))}
        value={filter.state}
        onChange={(value) => onChange({ ...filter, state: STATES.find((one) => one === value) ?? 'active' })}
        allowDeselect={false}
      />
      <div className={styles.can}>
        <span>Can</span>
        <Select
          size="xs"
          aria-label="Permission"
          w={84}
          data={[...PERMISSIONS]}
          value={filter.permission}
          onChange={(value) => onChange({ ...filter, permission: (value ?? 'read') as Permission })}
          allowDeselect={false}
        />
        <span>on</span>
        <Select
          size="xs"
          aria-label="Connection"
          w={140}
          placeholder="Any connection"
          data={[...connections]}
          value={filter.connection}
          onChange={(connection) => onChange({ ...filter, connection })}
          searchable
          clearable
          nothingFoundMessage="No results"
        />
      </div>
      {isFiltered(filter) && (
        <Button size="compact-sm" variant="subtle" color="gray" onClick={() => onChange(NO_FILTER)}>
          Clear
        </Button>
      )}
    </div>
  )
}
