import { Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { RequestRecord } from '../../../contract/records.ts'
import { formatNumber } from '../../lib/format.ts'
import { Ago } from '../../ui/instant.tsx'
import { CallerName } from '../log/caller-name.tsx'
import { Block, BlockProblem } from './block.tsx'
import styles from './overview.module.css'
import { useActiveCallers } from './use-active-callers.ts'

const MAX_SHOWN = 8

/** Tokens with a request in the last 5 minutes, and what they did last. */
export function ActiveNow({ paused }: { paused: boolean }) {
  const { data: callers, error } = useActiveCallers()
  const hidden = (callers?.length ?? 0) - MAX_SHOWN
  return (
    <Block
      title="Active now"
      {...(hidden > 0 && callers !== undefined
        ? { more: { label: `All ${formatNumber(callers.length)} in the log`, requests: { time: '15m' } } }
        : {})}
    >
      {callers === undefined && error !== null && <BlockProblem error={error} />}
      {paused && <Text size="sm">All access is paused. Requests are denied until you resume access.</Text>}
      {!paused && callers?.length === 0 && (
        <Text c="dimmed" size="sm">
          No requests in the last 5 minutes.
        </Text>
      )}
      {!paused && callers !== undefined && callers.length > 0 && (
        <table className={styles.table}>
          <thead>
            <tr>
              <th scope="col">Who</th>
              <th scope="col">Client</th>
              <th scope="col">Request</th>
              <th scope="col">Permission</th>
              <th scope="col">Last request</th>
            </tr>
          </thead>
          <tbody>
            {callers.slice(0, MAX_SHOWN).map((row) => (
              <Caller key={`${row.project}/${row.parent}/${row.token}`} row={row} />
            ))}
          </tbody>
        </table>
      )}
    </Block>
  )
}

function Caller({ row }: { row: RequestRecord }) {
  const { project, connection, resource } = row
  const search = { token: row.token ?? '', time: '15m' }
  const target = connection === null ? '' : ` ${connection}${resource === null ? '' : ` › ${resource}`}`
  return (
    <tr>
      <td>
        {project === null ? (
          <Link to="/log" search={search}>
            <CallerName record={row} />
          </Link>
        ) : (
          <Link to="/projects/$project/log" params={{ project }} search={search}>
            <CallerName record={row} />
          </Link>
        )}
      </td>
      <td>{row.client ?? '–'}</td>
      <td>
        <span className="hp-mono">{row.method}</span>
        {target}
      </td>
      <td>{row.permission ?? '–'}</td>
      <td>
        <Ago instant={row.time} />
      </td>
    </tr>
  )
}
