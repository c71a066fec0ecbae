import { Button, Skeleton } from '@mantine/core'
import { IconFolderPlus } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import { useApi } from '../../lib/api.tsx'
import { EmptyState } from '../../ui/empty-state.tsx'
import { Page } from '../../ui/page.tsx'
import { CreateProject } from '../projects/create-project.tsx'
import { ConnectStep } from './connect-step.tsx'
import { DocumentStep } from './document-step.tsx'
import { findSample } from './find-sample.ts'
import { ScriptStep } from './script-step.tsx'
import { useSeenInLog } from './use-seen-in-log.ts'
import styles from './welcome.module.css'

const QUESTIONS = {
  client: ({ transport, token, status }: RequestRecord) =>
    transport.startsWith('mcp-') && token !== null && status !== null && status < 400,
  script: ({ transport, token_kind: kind, status }: RequestRecord) =>
    transport === 'proxy' && kind === 'session' && status !== null && status < 400,
} as const

/** Three steps from an empty installation to a script that reads a document. A step is done when the log shows it. */
export function WelcomeScreen() {
  const { query } = useApi()
  const { data: connections } = useQuery(query.connections.list.queryOptions({ input: {} }))
  const [creating, setCreating] = useState(false)
  const sample = connections === undefined ? null : findSample(connections)
  const seen = useSeenInLog(sample?.project ?? null, QUESTIONS)
  return (
    <Page
      title={t`Welcome`}
      hint={t`Give agents and scripts limited, short-lived tokens. Your keys stay in the keychain.`}
    >
      {connections === undefined && <Skeleton height={220} maw={760} />}
      {connections !== undefined && sample === null && (
        <EmptyState
          icon={<IconFolderPlus size={36} stroke={1.4} />}
          title={t`No documents yet`}
          action={<Button onClick={() => setCreating(true)}>{t`New project`}</Button>}
        >{t`Create a project, then add a Grist document or a SQLite file.`}</EmptyState>
      )}
      {sample !== null && (
        <ol className={styles.steps}>
          <DocumentStep sample={sample} />
          <ConnectStep sample={sample} seen={seen.client} />
          <ScriptStep
            key={`${sample.project}/${sample.document}`}
            sample={sample}
            seen={seen.script}
            next={seen.client !== null && seen.script === null}
          />
        </ol>
      )}
      <CreateProject opened={creating} onClose={() => setCreating(false)} />
    </Page>
  )
}
