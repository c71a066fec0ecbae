import { Button, Checkbox, Group, Text, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useEffectEvent, useMemo, useState } from 'react'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { Grant } from '../../../../contract/grants.ts'
import type { ConnectionRecord, RequestRecord, TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { LastDay } from './last-day.tsx'
import { missingPermission, type MissingPermission } from './missing-permission.ts'
import { linesOf, withPermission } from './permission-grid.ts'
import { filterConnections } from './matrix/filter-connections.ts'
import { PermissionMatrix } from './matrix/permission-matrix.tsx'
import { TestRequest } from './test-request.tsx'
import styles from './token-page.module.css'
import type { GrantsDraft } from './use-grants-draft.ts'

interface PermissionsTabProps {
  token: TokenRecord
  connections: readonly ConnectionRecord[]
  draft: GrantsDraft
}

/** Which permissions the token has on each connection, edited in place, beside what it was denied. */
export function PermissionsTab({ token, connections, draft }: PermissionsTabProps) {
  const { grants, base, change } = draft
  const [search, setSearch] = useState('')
  const [onlyHeld, setOnlyHeld] = useState(token.grants.length > 0)
  const [testing, setTesting] = useState(false)
  const ended = token.status !== 'active'
  const shown = useMemo(
    () => filterConnections(connections, search, onlyHeld ? [...grants, ...base.grants] : null),
    [connections, search, onlyHeld, grants, base],
  )
  const add = ({ connection, scope, permission }: MissingPermission): void =>
    change(withPermission(grants, connection, scope, permission, true))
  useMissingOf(token, ended ? null : add)
  return (
    <div className={styles.columns}>
      <div className={styles.main}>
        <Group gap="md" mb="xs">
          <TextInput
            data-key="/"
            aria-label={t`Search connections`}
            placeholder={t`Search ${plural(connections.length, '# connection', '# connections')}`}
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
          />
          <Checkbox
            label={t`With access only`}
            checked={onlyHeld}
            onChange={(event) => setOnlyHeld(event.currentTarget.checked)}
          />
          <Button size="sm" variant="default" onClick={() => setTesting(true)}>{t`Test a request…`}</Button>
        </Group>
        {testing && <TestRequest token={token} connections={connections} onClose={() => setTesting(false)} />}
        {!ended && grants.length === 0 && (
          <Text size="sm">{t`It can't reach anything yet. Select what it needs.`}</Text>
        )}
        {shown.length === 0 && search.trim() !== '' ? (
          <Text size="sm" c="dimmed" py="md">{t`No results`}</Text>
        ) : (
          <div className={styles.scroll}>
            <PermissionMatrix
              connections={shown}
              grants={grants}
              saved={base.grants}
              readOnly={ended}
              onChange={change}
            />
          </div>
        )}
      </div>
      <LastDay
        token={token}
        onAdd={ended ? null : add}
        isInDraft={(missing) => holds(grants, missing)}
        isSaved={(missing) => holds(base.grants, missing)}
      />
    </div>
  )
}

/** Adds what a denied request needed to the draft, if the page was opened from it. Nothing is saved. */
function useMissingOf({ project, name }: TokenRecord, add: ((missing: MissingPermission) => void) | null): void {
  const { query } = useApi()
  const navigate = useNavigate()
  const { add: id } = useSearch({ from: '/projects/$project/tokens/$token' })
  const { data: row, isError } = useQuery(
    query.requests.get.queryOptions({ input: { id: id ?? 0 }, enabled: id !== undefined, retry: false }),
  )
  const onRow = useEffectEvent((found: RequestRecord | undefined) => {
    const isOwn = found?.project === project && (found.parent ?? found.token) === name
    const missing = found !== undefined && isOwn ? missingPermission(found) : null
    // Once, so that it doesn't come back after it was cleared.
    void navigate({
      to: '/projects/$project/tokens/$token',
      params: { project, token: name },
      search: {},
      replace: true,
    })
    if (missing !== null) add?.(missing)
  })
  useEffect(() => {
    if (id !== undefined && (row !== undefined || isError)) onRow(row)
  }, [id, row, isError])
}

function holds(grants: readonly Grant[], { connection, permission, scope }: MissingPermission): boolean {
  return linesOf(grants, connection).some(
    (line) => line.held.includes(permission) && (line.scope.limit === null || line.scope.resource === scope.resource),
  )
}
