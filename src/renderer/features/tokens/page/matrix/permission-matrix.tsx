import { Table, VisuallyHidden } from '@mantine/core'
import { startTransition, useEffect, useState } from 'react'
import { t } from '../../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant } from '../../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import styles from '../token-page.module.css'
import { ConnectionRows } from './connection-rows.tsx'
import { moveInGrid } from './move-in-grid.ts'

export interface MatrixProps {
  connections: readonly ConnectionRecord[]
  grants: readonly Grant[]
  /** The saved grants. Boxes that differ from them are marked. */
  saved?: readonly Grant[] | undefined
  readOnly: boolean
  onChange: (grants: Grant[]) => void
  /** For changing several connections at once. */
  selection?: { has(name: string): boolean; toggle(name: string): void } | undefined
}

/** Rows that are drawn with the page. The others follow in small steps, so that many don't hold it up. */
const FIRST_ROWS = 10

/** Permissions as a grid: one row per connection, which expands to its tables, tools or paths. */
export function PermissionMatrix({ connections, ...rest }: MatrixProps) {
  const [drawn, setDrawn] = useState(FIRST_ROWS)
  useEffect(() => startTransition(() => setDrawn(Infinity)), [])
  return (
    // Arrows move between the boxes, each of which takes part in the Tab order too.
    <Table className={styles.matrix} aria-label={t`Permissions`} data-grid="" onKeyDown={moveInGrid}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{t`Connection`}</Table.Th>
          {PERMISSIONS.map((permission) => (
            <Table.Th key={permission}>{permission.charAt(0).toUpperCase() + permission.slice(1)}</Table.Th>
          ))}
          <Table.Th>{t`Limited to`}</Table.Th>
          <Table.Th>
            <VisuallyHidden>{t`Actions`}</VisuallyHidden>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {connections.slice(0, drawn).map((connection) => (
          <ConnectionRows key={connection.name} connection={connection} {...rest} />
        ))}
      </Table.Tbody>
    </Table>
  )
}
