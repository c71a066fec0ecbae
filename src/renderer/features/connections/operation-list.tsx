import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { plural, t } from '../../../contract/text/translate.ts'
import type { OpenapiInspection } from '../../../contract/upstreams/http-connection.ts'
import styles from './operation-list.module.css'

/** Documents can have thousands of operations, so people search instead of scrolling. */
const MAX_SHOWN = 150

type Operation = OpenapiInspection['operations'][number]

interface OperationListProps {
  operations: readonly Operation[]
  chosen: ReadonlySet<string>
  onChange: (chosen: Set<string>) => void
}

/** Selects the operations of an OpenAPI document that become tools. */
export function OperationList({ operations, chosen, onChange }: OperationListProps) {
  const [search, setSearch] = useState('')
  const fitting = operations.filter((one) => matches(one, search))
  const shown = fitting.slice(0, MAX_SHOWN)
  const set = (ids: readonly string[], on: boolean): void => {
    const next = new Set(chosen)
    for (const id of ids) {
      if (on) next.add(id)
      else next.delete(id)
    }
    onChange(next)
  }
  const fittingIds = fitting.map(({ id }) => id)
  return (
    <div className={styles.list}>
      <Group gap="xs" justify="space-between">
        <TextInput
          size="xs"
          flex={1}
          aria-label={t`Search operations`}
          placeholder={t`Search by name, path or method`}
          leftSection={<IconSearch size={14} />}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Button size="compact-xs" variant="default" onClick={() => set(fittingIds, true)}>
          {search === '' ? t`Select all` : t`Select results`}
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => set(fittingIds, false)}>
          {search === '' ? t`Clear all` : t`Clear results`}
        </Button>
      </Group>
      <Text size="xs" c="dimmed" role="status">
        {t`${chosen.size} of ${plural(operations.length, '# operation', '# operations')} selected`}
      </Text>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- a long list scrolls, so it must be focusable */}
      <div className={styles.rows} role="group" aria-label={t`Operations`} tabIndex={0}>
        {shown.map((one) => (
          <Checkbox
            key={one.id}
            size="xs"
            checked={chosen.has(one.id)}
            onChange={(event) => set([one.id], event.currentTarget.checked)}
            label={
              <>
                <span className={styles.method}>{one.method}</span> <span className="hp-mono">{one.path}</span>{' '}
                <span className={styles.permission}>{one.permission}</span>
              </>
            }
            description={one.summary ?? one.id}
          />
        ))}
        {fitting.length > shown.length && (
          <Text size="xs" c="dimmed">{t`And ${fitting.length - shown.length} more. Search to narrow the list.`}</Text>
        )}
        {fitting.length === 0 && <Text size="xs" c="dimmed">{t`No matching operations`}</Text>}
      </div>
    </div>
  )
}

function matches({ id, method, path, summary }: Operation, query: string): boolean {
  const text = `${method} ${path} ${id} ${summary ?? ''}`.toLowerCase()
  return query
    .toLowerCase()
    .split(/\s+/)
    .every((part) => text.includes(part))
}
