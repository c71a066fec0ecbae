import { t } from '../../../contract/text/translate.ts'
import { Button, Group, Title } from '@mantine/core'
import { useEffect, useEffectEvent, type ReactNode } from 'react'
import { useApi } from '../../lib/api.tsx'
import { useFailure } from '../../ui/failure.tsx'
import { FirstSteps } from './first-steps.tsx'
import { isFirstRunDone, useFirstRun } from './use-first-run.ts'

interface FirstRunPanelProps {
  /** Drawn until it is known which steps there are. */
  skeleton: ReactNode
  /** The rest of the screen, below. */
  children: ReactNode
}

/** The first steps on Overview, until they are done or skipped. */
export function FirstRunPanel({ skeleton, children }: FirstRunPanelProps) {
  const { owner } = useApi()
  const failure = useFailure()
  const run = useFirstRun()
  const isDone = isFirstRunDone(run)
  const remember = useEffectEvent((state: 'done' | 'skipped') => {
    owner.preferences.set({ first_run: state }).catch(failure)
  })
  useEffect(() => {
    if (isDone) remember('done')
  }, [isDone])
  if (run.sample === undefined) return skeleton
  if (run.sample === null) return children
  return (
    <>
      <section aria-labelledby="first-run" style={{ marginBottom: 32 }}>
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h4" id="first-run">{t`Get started`}</Title>
          <Button
            data-writes
            size="xs"
            variant="default"
            onClick={() => void owner.preferences.set({ first_run: 'skipped' }).catch(failure)}
          >{t`Skip for now`}</Button>
        </Group>
        <FirstSteps run={run} />
      </section>
      {children}
    </>
  )
}
