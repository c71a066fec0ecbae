import { Button } from '@mantine/core'
import { plural, t } from '../../../contract/text/translate.ts'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useApi } from '../../lib/api.tsx'
import { Page } from '../../ui/page.tsx'
import { useAttention } from '../attention/use-attention.ts'
import { ActiveNow } from './active-now.tsx'
import { NeedsYou } from './needs-you.tsx'
import { OwnerChanges } from './owner-changes.tsx'
import { TodayFigures, useToday } from './today-figures.tsx'
import { useActiveCallers } from './use-active-callers.ts'

/** Most people see it on their first days only. */
const FirstRunPanel = lazy(async () => ({
  default: (await import('../welcome/first-run-panel.tsx')).FirstRunPanel,
}))

/** Loads when it is first opened. */
const MintSession = lazy(async () => ({ default: (await import('../tokens/session/mint-session.tsx')).MintSession }))

/** The start page: what needs the owner, who is active, today's figures and the last changes. */
export function OverviewScreen() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const { data: projects } = useQuery(query.projects.list.queryOptions())
  const isFirstRun = useIsFirstRun()
  const [minting, setMinting] = useState(false)
  const { data: open } = useAttention()
  const { data: active } = useActiveCallers()
  const { data: today } = useToday()
  const names = (projects ?? []).map(({ name }) => name)
  const attention =
    open === undefined
      ? null
      : open.length === 0
        ? t`All quiet. Nothing needs you.`
        : t`${plural(open.length, '# thing needs', '# things need')} you.`
  const work = [
    active !== undefined && active.length > 0 ? t`${plural(active.length, '# agent', '# agents')} active` : '',
    today === undefined ? '' : t`${plural(today.requests, '# request', '# requests')} today`,
  ].filter((part) => part !== '')
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
      {isFirstRun && (
        <Suspense fallback={null}>
          <FirstRunPanel />
        </Suspense>
      )}
      <NeedsYou />
      <ActiveNow paused={status?.paused === true} />
      <TodayFigures />
      <OwnerChanges />
      <Suspense fallback={null}>
        {minting && <MintSession projects={names} onClose={() => setMinting(false)} />}
      </Suspense>
    </Page>
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
