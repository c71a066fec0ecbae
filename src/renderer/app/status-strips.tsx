import type { InferContractRouterOutputs } from '@orpc/contract'
import { Button } from '@mantine/core'
import { IconAlertTriangle, IconKey, IconPlayerPause, IconWorld } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState, type ReactNode } from 'react'
import type { OwnerApi, ProblemSource } from '../../contract/owner-api.ts'
import { t } from '../../contract/text/translate.ts'
import { useApi } from '../lib/api.tsx'
import { formatExact, formatMoment } from '../lib/format.ts'
import { rich } from '../lib/rich.ts'
import { useFailure } from '../ui/failure.tsx'
import { LinkBanner } from './link-banner.tsx'
import styles from './shell.module.css'
import { usePauseAll } from './use-pause-all.ts'

type EngineStatus = InferContractRouterOutputs<OwnerApi>['status']

/** What prevents requests or lets other computers reach Hallpass. The style hides all strips but the most urgent one. */
export function StatusStrips() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  return (
    <div className={styles.strips}>
      <LinkBanner />
      {status?.paused === true && <PausedStrip since={status.paused_since} />}
      {status?.problems.map((problem) => (
        <ProblemStrip key={problem.with} problem={problem} />
      ))}
      {status?.listening.beyond_loopback === true && <ReachableStrip {...status.listening} />}
    </div>
  )
}

interface StripProps {
  icon: ReactNode
  action?: { label: string; name?: string; run: () => void; busy?: boolean; writes?: boolean } | undefined
  children: ReactNode
}

function Strip({ icon, action, children }: StripProps) {
  return (
    <div className={styles.banner} role="status">
      {icon}
      <span>{children}</span>
      {action !== undefined && (
        <Button
          size="compact-xs"
          variant="default"
          ml="auto"
          aria-label={action.name}
          data-writes={action.writes}
          loading={action.busy === true}
          onClick={action.run}
        >
          {action.label}
        </Button>
      )}
    </div>
  )
}

function PausedStrip({ since }: { since: string | null }) {
  const pauseAll = usePauseAll()
  const time = since !== null && (
    <time dateTime={since} title={formatExact(since)}>
      {formatMoment(since)}
    </time>
  )
  const resume = (): void => void pauseAll(false)
  return (
    <Strip
      icon={<IconPlayerPause size={16} aria-hidden />}
      action={{ label: t`Resume`, name: t`Resume all access`, run: resume, writes: true }}
    >
      {time === false
        ? t`All access is paused. Clients get 503 PAUSED.`
        : rich`All access has been paused since ${time}. Clients get 503 PAUSED.`}
    </Strip>
  )
}

function ProblemStrip({ problem }: { problem: EngineStatus['problems'][number] }) {
  const { owner } = useApi()
  const failure = useFailure()
  const [isWhyShown, setWhyShown] = useState(false)
  const [isAsking, setAsking] = useState(false)
  const check = async (): Promise<void> => {
    setAsking(true)
    const still = await owner.checkSecretStore().then((answer) => answer.problem !== null, failure)
    setAsking(false)
    // The whole sentence says what to do.
    if (still === true) setWhyShown(true)
  }
  const retry = { label: t`Try again`, run: () => void check(), busy: isAsking, writes: true }
  const why = { label: t`Show why`, run: () => setWhyShown(true) }
  const short = SHORT[problem.with]
  const Icon = problem.with === 'secrets' ? IconKey : IconAlertTriangle
  return (
    <Strip
      icon={<Icon size={16} aria-hidden />}
      action={problem.with === 'secrets' ? retry : short === undefined || isWhyShown ? undefined : why}
    >
      {short === undefined || isWhyShown ? problem.sentence : short}
    </Strip>
  )
}

/** Where the engine's sentence is too long for a strip. */
const SHORT: Partial<Record<ProblemSource, string>> = {
  log: t`The log can't be written, so requests are rejected.`,
  secrets: t`The secret store doesn't respond. Requests that need a secret fail.`,
}

function ReachableStrip({ host, port }: { host: string; port: number }) {
  const navigate = useNavigate()
  return (
    <Strip
      icon={<IconWorld size={16} aria-hidden />}
      action={{ label: t`Review`, run: () => void navigate({ to: '/settings' }) }}
    >
      {t`Other computers can reach Hallpass at ${host.includes(':') ? `[${host}]` : host}:${port}.`}
    </Strip>
  )
}
