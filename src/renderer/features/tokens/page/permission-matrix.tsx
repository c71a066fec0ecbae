import { Button, Checkbox, Group, Table, Text, TextInput, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant, type Permission } from '../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { KIND_LABELS } from '../../connections/connection-kinds.ts'
import { grantText } from './grant-text.ts'
import { cellOf, isCustom, limitsOf, linesOf, WHOLE, withPermission, type Scope } from './permission-grid.ts'
import styles from './token-page.module.css'

interface MatrixProps {
  connections: readonly ConnectionRecord[]
  grants: readonly Grant[]
  readOnly: boolean
  onChange: (grants: Grant[]) => void
  /** For changing several connections at once. */
  selection?: { has(name: string): boolean; toggle(name: string): void } | undefined
}

/** Permissions as a grid: one row per connection, which expands to its tables, tools or paths. */
export function PermissionMatrix({ connections, grants, readOnly, onChange, selection }: MatrixProps) {
  return (
    <Table className={styles.matrix} aria-label={t`Permissions`}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t`Connection`}</Table.Th>
          {PERMISSIONS.map((permission) => (
            <Table.Th key={permission}>{permission.charAt(0).toUpperCase() + permission.slice(1)}</Table.Th>
          ))}
          <Table.Th>{t`Limited to`}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {connections.map((connection) => (
          <ConnectionRows
            key={connection.name}
            connection={connection}
            grants={grants}
            readOnly={readOnly}
            onChange={onChange}
            selection={selection}
          />
        ))}
      </Table.Tbody>
    </Table>
  )
}

function ConnectionRows({
  connection,
  grants,
  readOnly,
  onChange,
  selection,
}: Omit<MatrixProps, 'connections'> & { connection: ConnectionRecord }) {
  const { name } = connection
  const mine = grants.filter((grant) => grant.connection === name)
  const [chosen, setOpen] = useState<boolean | null>(null)
  // Single resources are in sight, also those that a draft has just got.
  const open = chosen ?? mine.some(({ tables, tools, paths }) => (tables ?? tools ?? paths) !== undefined)
  const custom = mine.filter(isCustom)
  const set = (scope: Scope, permission: Permission, given: boolean): void =>
    onChange(withPermission(grants, name, scope, permission, given))
  return (
    <>
      <Table.Tr data-connection={name}>
        <Table.Th scope="row">
          <div className={styles.rowHead}>
            {selection !== undefined && (
              <Checkbox
                size="xs"
                aria-label={t`Select ${name}`}
                checked={selection.has(name)}
                onChange={() => selection.toggle(name)}
              />
            )}
            <UnstyledButton aria-expanded={open} onClick={() => setOpen(!open)} className={styles.unfold}>
              {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
              <span className={styles.name}>{name}</span>
              <Text span size="xs" c="dimmed">
                {KIND_LABELS[connection.kind].label}
              </Text>
            </UnstyledButton>
          </div>
        </Table.Th>
        {PERMISSIONS.map((permission) => {
          const state = cellOf(grants, name, permission)
          return (
            <Table.Td key={permission}>
              <Checkbox
                aria-label={t`${permission} on ${name}`}
                checked={state === 'full'}
                indeterminate={state === 'partial'}
                disabled={readOnly}
                onChange={(event) => set(WHOLE, permission, event.currentTarget.checked)}
              />
            </Table.Td>
          )
        })}
        <Table.Td className={styles.text}>
          {mine.length === 0 ? t`No access` : mine.map((grant) => <div key={grantText(grant)}>{grantText(grant)}</div>)}
        </Table.Td>
      </Table.Tr>
      {open && <Resources connection={connection} grants={grants} readOnly={readOnly} onSet={set} />}
      {custom.map((grant) => (
        <Table.Tr key={grantText(grant)}>
          <Table.Td colSpan={4} className={styles.indented}>
            {t`Custom grant: ${grantText(grant)}`}
          </Table.Td>
          <Table.Td>
            <Button
              size="compact-xs"
              variant="default"
              disabled={readOnly}
              onClick={() => onChange(grants.filter((one) => one !== grant))}
            >{t`Remove`}</Button>
          </Table.Td>
        </Table.Tr>
      ))}
    </>
  )
}

function Resources({
  connection,
  grants,
  readOnly,
  onSet,
}: {
  connection: ConnectionRecord
  grants: readonly Grant[]
  readOnly: boolean
  onSet: (scope: Scope, permission: Permission, given: boolean) => void
}) {
  const { query } = useApi()
  const { name, kind } = connection
  const [limit = 'tables'] = limitsOf(kind)
  const isDocument = limit === 'tables'
  const [added, setAdded] = useState<Scope[]>([])
  const [typed, setTyped] = useState('')
  const tables = useQuery(
    query.connections.tables.queryOptions({
      input: { name },
      enabled: isDocument,
      retry: false,
      staleTime: 0,
      meta: { asksUpstream: true },
    }),
  )
  const tools = useQuery(
    query.connections.tools.queryOptions({ input: { name }, enabled: kind === 'mcp', retry: false }),
  )
  const known = [...(tables.data ?? []), ...(tools.data ?? []).map((tool) => tool.name)]
  const lines = linesOf(grants, name, [...added, ...known.map((resource): Scope => ({ limit, resource }))])
  const add = (event: FormEvent): void => {
    event.preventDefault()
    if (typed.trim() !== '') setAdded([...added, { limit, resource: typed.trim() }])
    setTyped('')
  }
  return (
    <>
      {lines.map(({ scope, held }) => (
        <Table.Tr key={`${scope.limit ?? ''}:${scope.resource ?? ''}`}>
          <Table.Th scope="row" className={styles.indented}>
            {scope.resource ?? t`All ${limit}`}
          </Table.Th>
          {PERMISSIONS.map((permission) => (
            <Table.Td key={permission}>
              <Checkbox
                size="xs"
                aria-label={t`${permission} on ${name}, ${scope.resource ?? t`all ${limit}`}`}
                checked={held.includes(permission)}
                disabled={readOnly}
                onChange={(event) => onSet(scope, permission, event.currentTarget.checked)}
              />
            </Table.Td>
          ))}
          <Table.Td c="dimmed">{scope.limit === null ? t`new ones too` : ''}</Table.Td>
        </Table.Tr>
      ))}
      {!readOnly && (
        <Table.Tr>
          <Table.Td colSpan={5} className={styles.indented}>
            <form onSubmit={add}>
              <Group gap="xs">
                <TextInput
                  size="xs"
                  aria-label={t`Another one of ${limit} of ${name}`}
                  value={typed}
                  onChange={(event) => setTyped(event.currentTarget.value)}
                  error={tables.isError ? t`The document is not answering. Enter the names of its tables.` : null}
                />
                <Button size="xs" variant="default" type="submit">{t`Add`}</Button>
              </Group>
            </form>
          </Table.Td>
        </Table.Tr>
      )}
    </>
  )
}
