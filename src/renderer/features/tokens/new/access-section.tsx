import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core'
import { useMemo, useState, type KeyboardEvent } from 'react'
import { plural, t } from '../../../../contract/text/translate.ts'
import { ROLES, type Grant, type Role } from '../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { formatNumber } from '../../../lib/format.ts'
import { filterConnections } from '../page/matrix/filter-connections.ts'
import { PermissionMatrix } from '../page/matrix/permission-matrix.tsx'
import styles from './new-token.module.css'

const ROLE_NAMES: Record<Role, string> = { viewer: t`Viewer`, editor: t`Editor`, admin: t`Admin` }

interface AccessSectionProps {
  connections: readonly ConnectionRecord[]
  grants: Grant[]
  onChange: (grants: Grant[]) => void
  problem: string | undefined
}

/** The grid of the token's page, with roles for many connections at once. */
export function AccessSection({ connections, grants, onChange, problem }: AccessSectionProps) {
  const [search, setSearch] = useState('')
  const [onlyHeld, setOnlyHeld] = useState(false)
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set())
  const shown = useMemo(
    () => filterConnections(connections, search, onlyHeld ? grants : null),
    [connections, search, onlyHeld, grants],
  )
  const all = shown.length > 0 && shown.every(({ name }) => selected.has(name))
  const selectAll = (): void => setSelected(new Set(all ? [] : shown.map(({ name }) => name)))
  const toggle = (name: string): void =>
    setSelected((before) => new Set(before.has(name) ? [...before].filter((one) => one !== name) : [...before, name]))
  const applyRole = (role: Role | null): void => {
    const others = grants.filter(({ connection }) => !selected.has(connection))
    const given = connections.filter(({ name }) => role !== null && selected.has(name))
    onChange([...others, ...given.map(({ name }) => ({ connection: name, permissions: [...ROLES[role ?? 'viewer']] }))])
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'a' || !(event.ctrlKey || event.metaKey) || event.target instanceof HTMLTextAreaElement) return
    if (event.target instanceof HTMLInputElement && event.target.type !== 'checkbox') return
    event.preventDefault()
    setSelected(new Set(shown.map(({ name }) => name)))
  }
  return (
    // Ctrl-A selects what the search shows, as in a list of files.
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions
    <div onKeyDown={onKeyDown} className={styles.access}>
      <Group gap={8} className={styles.accessBar}>
        <TextInput
          size="xs"
          type="search"
          data-key="/"
          aria-label={t`Search connections`}
          placeholder={t`Search ${plural(connections.length, '# connection', '# connections')}`}
          value={search}
          onChange={(event) => setSearch(event.currentTarget.value)}
        />
        <Checkbox
          size="xs"
          label={t`With access only`}
          checked={onlyHeld}
          onChange={(event) => setOnlyHeld(event.currentTarget.checked)}
        />
        <Checkbox size="xs" label={t`Select all ${formatNumber(shown.length)}`} checked={all} onChange={selectAll} />
        {selected.size > 0 && (
          <Group gap={4} role="group" aria-label={t`Selected connections`}>
            <Text size="sm">{t`${formatNumber(selected.size)} selected:`}</Text>
            <Button size="compact-xs" variant="default" onClick={() => applyRole(null)}>{t`No access`}</Button>
            {(Object.keys(ROLES) as Role[]).map((role) => (
              <Button key={role} size="compact-xs" variant="default" onClick={() => applyRole(role)}>
                {ROLE_NAMES[role]}
              </Button>
            ))}
          </Group>
        )}
      </Group>
      {problem !== undefined && (
        <Text role="alert" size="sm" style={{ color: 'var(--hp-bad)' }}>
          {problem}
        </Text>
      )}
      {shown.length === 0 ? (
        <Text size="sm" c="dimmed" py="md">{t`No results`}</Text>
      ) : (
        <div className={styles.grid}>
          <PermissionMatrix
            connections={shown}
            grants={grants}
            readOnly={false}
            onChange={onChange}
            selection={{ has: (name) => selected.has(name), toggle }}
          />
        </div>
      )}
    </div>
  )
}
