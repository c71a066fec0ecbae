import { Badge, Button } from '@mantine/core'
import {
  IconActivity,
  IconBell,
  IconHandStop,
  IconHome,
  IconListDetails,
  IconPlayerPause,
  IconPlayerPlay,
  IconSettings,
  IconShieldCheck,
} from '@tabler/icons-react'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useApi } from '../lib/api.tsx'
import { counted } from '../lib/format.ts'
import { useFailure } from '../ui/failure.tsx'
import { Mark } from '../ui/mark.tsx'
import styles from './shell.module.css'
import { SidebarProjects } from './sidebar-projects.tsx'

/** Items open and close as time passes, which no change announces. */
const BADGE_MS = 30_000

export function Sidebar() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions({ refetchInterval: BADGE_MS }))
  const waiting = status?.approvals_waiting ?? 0
  const attention = status?.attention ?? 0
  return (
    <nav className={styles.side} aria-label="Hallpass">
      <Link to="/overview" className={styles.brand} style={{ color: 'inherit', textDecoration: 'none' }}>
        <Mark size={22} />
        Hallpass
      </Link>
      <Link to="/overview" className={styles.link} title="Overview">
        <IconHome size={16} aria-hidden />
        <span>Overview</span>
      </Link>
      <Link to="/attention" className={styles.link} title="Attention">
        <IconBell size={16} aria-hidden />
        <span>Attention</span>
        {attention > 0 && (
          <Badge size="sm" circle aria-label={`${attention} open`}>
            {attention}
          </Badge>
        )}
      </Link>
      <Link to="/approvals" className={styles.link} title="Approvals">
        <IconHandStop size={16} aria-hidden />
        <span>Approvals</span>
        {waiting > 0 && (
          <Badge size="sm" circle aria-label={`${waiting} pending`}>
            {waiting}
          </Badge>
        )}
      </Link>
      <Link to="/activity" className={styles.link} title="Activity">
        <IconActivity size={16} aria-hidden />
        <span>Activity</span>
      </Link>
      <Link to="/log" className={styles.link} title="Log">
        <IconListDetails size={16} aria-hidden />
        <span>Log</span>
      </Link>
      <SidebarProjects />
      <Link to="/settings" className={styles.link} title="Settings">
        <IconSettings size={16} aria-hidden />
        <span>Settings</span>
      </Link>
      <Foot />
    </nav>
  )
}

function Foot() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const failure = useFailure()
  const pause = useMutation(query.pause.mutationOptions({ onError: failure }))
  const resume = useMutation(query.resume.mutationOptions({ onError: failure }))
  if (status === undefined) return <div className={styles.foot}>&nbsp;</div>
  return (
    <div className={styles.foot}>
      <div className="hp-tabular">
        {status.paused ? (
          <>
            <IconPlayerPause size={13} aria-hidden /> All access paused
          </>
        ) : (
          <>
            <IconShieldCheck size={13} aria-hidden /> {counted(status.tokens_active, 'active token')}
          </>
        )}
      </div>
      <div className="hp-mono">{new URL(status.url).host}</div>
      {status.paused ? (
        <Button
          mt={8}
          size="xs"
          px={8}
          fullWidth
          leftSection={<IconPlayerPlay size={14} />}
          loading={resume.isPending}
          onClick={() => resume.mutate(undefined)}
        >
          Resume access
        </Button>
      ) : (
        <Button
          mt={8}
          size="xs"
          px={8}
          fullWidth
          variant="default"
          leftSection={<IconPlayerPause size={14} />}
          loading={pause.isPending}
          onClick={() => pause.mutate(undefined)}
        >
          Pause all access
        </Button>
      )}
    </div>
  )
}
