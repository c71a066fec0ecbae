import { t } from '../../../contract/text/translate.ts'
import { Button } from '@mantine/core'
import { IconFolderPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { EmptyState } from '../../ui/empty-state.tsx'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { CreateProject } from '../projects/create-project.tsx'
import { FirstSteps } from './first-steps.tsx'
import { useFirstRun } from './use-first-run.ts'

/** The first steps on a screen of their own, also after they were skipped. */
export function WelcomeScreen() {
  const run = useFirstRun()
  const [creating, setCreating] = useState(false)
  return (
    <Page
      title={t`Get started`}
      hint={t`Give agents and scripts limited, short-lived tokens. Your keys stay in the keychain.`}
    >
      {run.sample === undefined && <SkeletonRows rows={4} height={96} />}
      {run.sample === null && (
        <EmptyState
          icon={<IconFolderPlus size={36} stroke={1.4} />}
          title={t`No documents yet`}
          action={<Button onClick={() => setCreating(true)}>{t`New project`}</Button>}
        >{t`Create a project, then add a Grist document or a SQLite file.`}</EmptyState>
      )}
      <FirstSteps run={run} />
      <CreateProject opened={creating} onClose={() => setCreating(false)} />
    </Page>
  )
}
