import { Button, Checkbox, Group, Table, TextInput } from '@mantine/core'
import { useState } from 'react'
import { plural, t } from '../../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant, type Permission } from '../../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import { isCustom, limitsOf, linesOf, type GridChange, type Scope } from '../permission-grid.ts'
import styles from '../token-page.module.css'
import { ChangeMark } from './change-mark.tsx'
import { covering } from './limit-summary.ts'
import { LIMIT_TEXTS } from './limit-texts.ts'
import { useDrawnRows } from './use-drawn-rows.ts'
import type { Resources } from './use-resources.ts'

/** Rows of a long list have the same height, whatever stands in them. */
const ROW_HEIGHT = 32

interface ResourceRowsProps {
  connection: ConnectionRecord
  resources: Resources
  grants: readonly Grant[]
  /** Boxes of the connection that aren't as saved. */
  changes: readonly GridChange[]
  readOnly: boolean
  onSet: (scope: Scope, permission: Permission, given: boolean) => void
}

/** The tables, tools or paths of a connection, and a field for others. */
export function ResourceRows({ connection, resources, grants, changes, readOnly, onSet }: ResourceRowsProps) {
  const { name, kind } = connection
  const limits = limitsOf(kind)
  const mine = grants.filter((grant) => grant.connection === name && !isCustom(grant))
  // What the connection is limited to already, or the first.
  const limit = limits.find((one) => mine.some((grant) => grant[one] !== undefined)) ?? limits[0] ?? 'tables'
  const [added, setAdded] = useState<Scope[]>([])
  const [typed, setTyped] = useState('')
  const known = resources.names ?? []
  const takes = new Map((resources.tools ?? []).map((tool) => [tool.name, tool.permission]))
  const lines = linesOf(grants, name, [...added, ...known.map((resource): Scope => ({ limit, resource }))])
  const { start, ...drawn } = useDrawnRows(lines.length, ROW_HEIGHT)
  const isLong = drawn.last - drawn.first < lines.length
  const add = (): void => {
    if (typed.trim() !== '') setAdded([...added, { limit, resource: typed.trim() }])
    setTyped('')
  }
  const noteOf = ({ limit: of, resource }: Scope): string => {
    if (of === null) return t`including new ones`
    if (of !== 'tools' || resources.tools === undefined) return ''
    if (resource.includes('*')) {
      const covers = covering(resource)
      return t`${plural(resources.tools.filter((tool) => covers(tool.name)).length, '# tool', '# tools')} now`
    }
    const permission = takes.get(resource)
    return permission === undefined ? '' : t`takes ${permission}`
  }
  return (
    <>
      {isLong && <Table.Tr ref={start} aria-hidden className={styles.gap} style={{ height: drawn.before }} />}
      {lines.slice(drawn.first, drawn.last).map(({ scope, held }) => (
        <Table.Tr
          key={`${scope.limit ?? ''}:${scope.resource ?? ''}`}
          {...(isLong ? { className: styles.row, style: { height: ROW_HEIGHT } } : {})}
        >
          <Table.Th scope="row" className={styles.indented} title={scope.resource ?? undefined}>
            {scope.resource ?? LIMIT_TEXTS[limit].all}
          </Table.Th>
          {PERMISSIONS.map((permission) => (
            <Table.Td key={permission}>
              <div className={styles.box}>
                <Checkbox
                  size="xs"
                  aria-label={t`${permission} on ${name}, ${scope.resource ?? t`all ${limit}`}`}
                  checked={held.includes(permission)}
                  disabled={readOnly}
                  onChange={(event) => onSet(scope, permission, event.currentTarget.checked)}
                />
                {scope.limit !== null && <ChangeMark changes={changes} scope={scope} permission={permission} />}
              </div>
            </Table.Td>
          ))}
          <Table.Td c="dimmed" colSpan={2}>
            {noteOf(scope)}
          </Table.Td>
        </Table.Tr>
      ))}
      {isLong && <Table.Tr aria-hidden className={styles.gap} style={{ height: drawn.after }} />}
      {!readOnly && (
        <Table.Tr>
          <Table.Td colSpan={6} className={styles.indented}>
            {/* Not a form, because the page for a new token is one already. */}
            <Group gap="xs">
              <TextInput
                size="xs"
                onKeyDown={(event) => {
                  if (event.key !== 'Enter' || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return
                  event.preventDefault()
                  add()
                }}
                aria-label={t`Add to ${limit} of ${name}`}
                value={typed}
                onChange={(event) => setTyped(event.currentTarget.value)}
                error={resources.isFailed ? t`The document isn't answering. Enter the names of its tables.` : null}
              />
              <Button size="xs" variant="default" onClick={add}>{t`Add`}</Button>
            </Group>
          </Table.Td>
        </Table.Tr>
      )}
    </>
  )
}
