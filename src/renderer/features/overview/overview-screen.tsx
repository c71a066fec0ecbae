import { Button } from '@mantine/core'
import { countAgents } from '../../../contract/tokens/active-agents.ts'
import { plural, t } from '../../../contract/text/translate.ts'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState, type ReactNode } from 'react'
import { useApi } from '../../lib/api.tsx'
import { Loading } from '../../ui/loading/loading.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { useAttention } from '../attention/use-attention.ts'
import { ActiveNow } from './active-now.tsx'
import { NeedsYou } from './needs-you.tsx'
import { OwnerChanges, useOwnerChanges } from './owner-changes.tsx'
import { TodayFigures, useToday } from './today-figures.tsx'
import { useActiveCallers } from './use-active-callers.ts'

/** Most people see it on their first days only. */
const FirstRunPanel = lazy(async () => ({
  default: (await import('../welcome/first-run-panel.tsx')).FirstRunPanel,
}))

/** Loads when it is first opened. */
const MintSession = lazy(async () => ({ default: (await import('../tokens/session/mint-session.tsx')).MintSession }))

const SKELETON = <SkeletonRows rows={12} />

/** The start page: what needs the owner, who is active, today's figures and the last changes. */
export function OverviewScreen() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const { data: projects } = useQuery(query.projects.list.queryOptions())
  const isFirstRun = useIsFirstRun()
  const [minting, setMinting] = useState(false)
  const names = (projects ?? []).map(({ name }) => name)
  const preferences = useQuery(query.preferences.get.queryOptions())
  const parts = [useAttention(), useActiveCallers(), useToday(), useOwnerChanges()] as const
  const [{ data: open }, { data: active }, { data: today }] = parts
  // Shown together: a block that comes later would move what is read.
  const hasCome = [...parts, preferences].every(({ data, error }) => data !== undefined || error !== null)
  const refetch = () => Promise.all(parts.map((part) => part.refetch()))
  const attention =
    open === undefined
      ? null
      : open.length === 0
        ? t`All quiet. Nothing needs you.`
        : t`${plural(open.length, '# thing needs', '# things need')} you.`
  const agents = countAgents(active ?? [])
  const work = [
    agents > 0 ? t`${plural(agents, '# agent', '# agents')} active` : '',
    today === undefined ? '' : t`${plural(today.requests, '# request', '# requests')} today`,
  ].filter((part) => part !== '')
  const blocks = (
    <>
      <NeedsYou />
      <ActiveNow paused={status?.paused === true} />
      <TodayFigures />
      <OwnerChanges />
    </>
  )
  return (
    <Page
      title={t`Overview`}
      actions={
        <Button
          variant="default"
          disabled={names.length === 0}
          onClick={() => setMinting(true)}
        >{t`New session token`}</Button>
      }
      hint={
        <>
          {attention ?? ' '} {work.length > 0 && `${work.join(', ')}.`}
        </>
      }
    >
      <Loading query={{ data: hasCome || undefined, error: null, refetch }} skeleton={SKELETON}>
        {() => (isFirstRun ? <FirstRun>{blocks}</FirstRun> : blocks)}
      </Loading>
      <Suspense fallback={null}>
        {minting && <MintSession projects={names} onClose={() => setMinting(false)} />}
      </Suspense>
    </Page>
  )
}

function FirstRun({ children }: { children: ReactNode }) {
  return (
    <Suspense fallback={SKELETON}>
      <FirstRunPanel skeleton={SKELETON}>{children}</FirstRunPanel>
    </Suspense>
  )
}

/** Returns whether the first steps are shown. Once they are done, they stay until the screen is left. */
function useIsFirstRun(): boolean {
  const { query } = useApi()
  const { data } = useQuery(query.preferences.get.queryOptions())
  const [wasOpen, setWasOpen] = useState(false)
  const isOpen = data?.first_run === 'open'
  if (isOpen && !wasOpen) setWasOpen(true)
  return isOpen || (wasOpen && data?.first_run === 'done')
}
