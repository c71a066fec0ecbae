import { Button } from '@mantine/core'
import { IconAlertTriangle, IconPlayerPause } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { t } from '../../contract/text/translate.ts'
import { useApi } from '../lib/api.tsx'
import { useFailure } from '../ui/failure.tsx'
import styles from './shell.module.css'

/** Shows on every screen that all access is paused. */
export function PausedStrip() {
  const { query, owner } = useApi()
  const failure = useFailure()
  const { data: status } = useQuery(query.status.queryOptions())
  if (status?.paused !== true) return null
  return (
    <div className={styles.banner} role="status">
      <IconPlayerPause size={16} aria-hidden />
      <span>{t`All access is paused. Clients get 503 PAUSED.`}</span>
      <Button
        size="compact-xs"
        variant="default"
        ml="auto"
        aria-label={t`Resume all access`}
        onClick={() => void owner.resume().catch(failure)}
      >{t`Resume`}</Button>
    </div>
  )
}

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
