import { Button, Checkbox, Group, Table, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { plural, t } from '../../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant, type Permission } from '../../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import { useApi } from '../../../../lib/api.tsx'
import { isCustom, limitsOf, linesOf, type Scope } from '../permission-grid.ts'
import styles from '../token-page.module.css'
import { ChangeMark } from './change-mark.tsx'
import { LIMIT_TEXTS } from './limit-texts.ts'

interface ResourceRowsProps {
  connection: ConnectionRecord
  grants: readonly Grant[]
  saved: readonly Grant[] | undefined
  readOnly: boolean
  onSet: (scope: Scope, permission: Permission, given: boolean) => void
}

/** The tables, tools or paths of a connection, and a field for others. */
export function ResourceRows({ connection, grants, saved, readOnly, onSet }: ResourceRowsProps) {
  const { query } = useApi()
  const { name, kind } = connection
  const limits = limitsOf(kind)
  const mine = grants.filter((grant) => grant.connection === name && !isCustom(grant))
  // What the connection is limited to already, or the first.
  const limit = limits.find((one) => mine.some((grant) => grant[one] !== undefined)) ?? limits[0] ?? 'tables'
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
  const takes = new Map((tools.data ?? []).map((tool) => [tool.name, tool.permission]))
  const lines = linesOf(grants, name, [...added, ...known.map((resource): Scope => ({ limit, resource }))])
  const add = (event: FormEvent): void => {
    event.preventDefault()
    // A form of the page around it isn't sent.
    event.stopPropagation()
    if (typed.trim() !== '') setAdded([...added, { limit, resource: typed.trim() }])
    setTyped('')
  }
  const noteOf = ({ limit: of, resource }: Scope): string => {
    if (of === null) return t`new ones too`
    if (of !== 'tools' || tools.data === undefined) return ''
    if (resource.includes('*'))
      return t`${plural(tools.data.filter((tool) => matches(resource, tool.name)).length, '# tool', '# tools')} now`
    const permission = takes.get(resource)
    return permission === undefined ? '' : t`takes ${permission}`
  }
  return (
    <>
      {lines.map(({ scope, held }) => (
        <Table.Tr key={`${scope.limit ?? ''}:${scope.resource ?? ''}`}>
          <Table.Th scope="row" className={styles.indented}>
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
                {scope.limit !== null && (
                  <ChangeMark grants={grants} saved={saved} connection={name} scope={scope} permission={permission} />
                )}
              </div>
            </Table.Td>
          ))}
          <Table.Td c="dimmed" colSpan={2}>
            {noteOf(scope)}
          </Table.Td>
        </Table.Tr>
      ))}
      {!readOnly && (
        <Table.Tr>
          <Table.Td colSpan={6} className={styles.indented}>
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

/** Whether a pattern of a grant covers a tool, as the engine decides it: `*` stands for any characters. */
function matches(pattern: string, tool: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's').test(tool)
}
