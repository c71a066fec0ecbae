import { Badge, Button } from '@mantine/core'
import { useWindowEvent } from '@mantine/hooks'
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
import { Link, useRouterState } from '@tanstack/react-router'
import { plural, t } from '../../contract/text/translate.ts'
import { useApi } from '../lib/api.tsx'
import { useState } from 'react'
import { GroupMark } from '../features/attention/group-mark.tsx'
import { Mark } from '../ui/mark.tsx'
import { useCopied } from '../ui/copying/use-copy.ts'
import styles from './shell.module.css'
import { SidebarProjects } from './sidebar-projects.tsx'
import { usePauseAll } from './use-pause-all.ts'

/** Items open and close as time passes, which no change announces. */
const BADGE_MS = 30_000

export function Sidebar({ onPalette }: { onPalette: () => void }) {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions({ refetchInterval: BADGE_MS }))
  // The menu shows only where the window is too narrow for a sidebar. It closes on the way to another screen.
  const path = useRouterState({ select: ({ location }) => location.pathname })
  const [openAt, setOpenAt] = useState<string | null>(null)
  const isOpen = openAt === path
  // Coming back doesn't open it again.
  if (openAt !== null && !isOpen) setOpenAt(null)
  useWindowEvent('keydown', ({ key }) => {
    if (key === 'Escape') setOpenAt(null)
  })
  const waiting = status?.approvals_waiting ?? 0
  const { open = 0, worst = null } = status?.attention ?? {}
  return (
    <nav className={styles.side} aria-label="Hallpass">
      <div className={styles.top}>
        <Link to="/overview" className={styles.brand} style={{ color: 'inherit', textDecoration: 'none' }}>
          <Mark size={22} />
          Hallpass
        </Link>
        <button type="button" className={styles.palette} title={t`Search or run a command`} onClick={onPalette}>
          <span className="hp-hidden">{t`Search or run a command`} </span>
          <kbd>{navigator.userAgent.includes('Mac') ? t`⌘ K` : t`Ctrl K`}</kbd>
        </button>
        <button
          type="button"
          className={styles.menuButton}
          aria-expanded={isOpen}
          aria-controls="menu"
          onClick={() => setOpenAt(isOpen ? null : path)}
        >{t`Menu`}</button>
      </div>
      {/* Also a link to the screen that is shown closes the menu. Keys press links by a click too. */}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/no-static-element-interactions */}
      <div
        id="menu"
        className={styles.menu}
        data-opened={isOpen || undefined}
        onClick={({ target }) => {
          if (target instanceof Element && target.closest('a') !== null) setOpenAt(null)
        }}
      >
        <Link to="/overview" className={styles.link} title={t`Overview`}>
          <IconHome size={16} aria-hidden />
          <span>{t`Overview`}</span>
        </Link>
        <Link to="/attention" className={styles.link} title={t`Attention`}>
          <IconBell size={16} aria-hidden />
          <span>{t`Attention`}</span>
          {open > 0 && (
            <Badge size="sm" circle aria-label={t`${open} open`}>
              {open}
            </Badge>
          )}
          {worst !== null && <GroupMark group={worst} />}
        </Link>
        <Link to="/approvals" className={styles.link} title={t`Approvals`}>
          <IconHandStop size={16} aria-hidden />
          <span>{t`Approvals`}</span>
          {waiting > 0 && (
            <Badge size="sm" circle aria-label={t`${waiting} pending`}>
              {waiting}
            </Badge>
          )}
        </Link>
        <Link to="/activity" className={styles.link} title={t`Activity`}>
          <IconActivity size={16} aria-hidden />
          <span>{t`Activity`}</span>
        </Link>
        <Link to="/log" className={styles.link} title={t`Log`}>
          <IconListDetails size={16} aria-hidden />
          <span>{t`Log`}</span>
        </Link>
        <SidebarProjects />
        <Link to="/settings" className={styles.link} title={t`Settings`}>
          <IconSettings size={16} aria-hidden />
          <span>{t`Settings`}</span>
        </Link>
        <Foot />
      </div>
    </nav>
  )
}

function Foot() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const { mutate: pauseAll, isPending } = useMutation({ mutationFn: usePauseAll() })
  const [copied, copy] = useCopied()
  if (status === undefined) return <div className={styles.foot}>{'\u00a0'}</div>
  return (
    <div className={styles.foot}>
      <div className="hp-tabular">
        {status.paused ? (
          <>
            <IconPlayerPause size={13} aria-hidden /> {t`All access paused`}
          </>
        ) : (
          <>
            <IconShieldCheck size={13} aria-hidden />{' '}
            {t`${plural(status.tokens_active, '# active token', '# active tokens')}`}
          </>
        )}
      </div>
      <button
        type="button"
        className={`hp-mono ${styles.address}`}
        title={copied ? t`Copied` : t`Copy the address`}
        onClick={() => void copy(status.url)}
      >
        <span aria-live="polite">{copied ? t`Copied` : new URL(status.url).host}</span>
      </button>
      {status.paused ? (
        <Button
          data-writes
          mt={8}
          size="xs"
          px={8}
          fullWidth
          leftSection={<IconPlayerPlay size={14} />}
          loading={isPending}
          onClick={() => pauseAll(false)}
        >{t`Resume access`}</Button>
      ) : (
        <Button
          data-writes
          mt={8}
          size="xs"
          px={8}
          fullWidth
          variant="default"
          leftSection={<IconPlayerPause size={14} />}
          loading={isPending}
          onClick={() => pauseAll(true)}
        >{t`Pause all access`}</Button>
      )}
    </div>
  )
}
