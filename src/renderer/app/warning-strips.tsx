import { IconAlertTriangle } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useApi } from '../lib/api.tsx'
import styles from './shell.module.css'

/** Shows on every screen what prevents requests, and that other computers can reach Hallpass. */
export function WarningStrips() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  return status?.warnings.map((warning) => (
    <div key={warning} className={styles.banner} role="status">
      <IconAlertTriangle size={16} aria-hidden />
      <span>{warning}</span>
    </div>
  ))
}
