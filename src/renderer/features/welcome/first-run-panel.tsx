import { t } from '../../../contract/text/translate.ts'
import { Button, Group, Title } from '@mantine/core'
import { useEffect, useEffectEvent } from 'react'
import { useApi } from '../../lib/api.tsx'
import { useFailure } from '../../ui/failure.tsx'
import { FirstSteps } from './first-steps.tsx'
import { isFirstRunDone, useFirstRun } from './use-first-run.ts'

/** The first steps on Overview, until they are done or skipped. */
export function FirstRunPanel() {
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
  if (run.sample === undefined || run.sample === null) return null
  return (
    <section aria-labelledby="first-run" style={{ marginBottom: 32 }}>
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4" id="first-run">{t`Get started`}</Title>
        <Button
          size="xs"
          variant="default"
          onClick={() => void owner.preferences.set({ first_run: 'skipped' }).catch(failure)}
        >{t`Skip for now`}</Button>
      </Group>
      <FirstSteps run={run} />
    </section>
  )
}
