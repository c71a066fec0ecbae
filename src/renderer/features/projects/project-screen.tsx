import { Button, Switch } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import type { ProjectRecord } from '../../../contract/records.ts'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { callErrorOf } from '../../lib/call-error.ts'
import { formatMoment } from '../../lib/format.ts'
import { SkeletonRows } from '../../ui/loading/skeleton-rows.tsx'
import { Page } from '../../ui/page.tsx'
import { useSaved } from '../../ui/use-saved.tsx'
import { ToolsShown } from '../connect/tools-shown.tsx'
import { SettingGroup, SettingRow } from '../settings/setting-row.tsx'
import { TypedValue } from '../settings/typed-value.tsx'
import { DeleteProject } from './delete-project.tsx'
import styles from './project-screen.module.css'
import { RecordPayloads, StopRecording } from './record-payloads.tsx'

type Change = Partial<Pick<ProjectRecord, 'description' | 'pinned'>>

/** What a project is for, what is recorded of it, what its clients see, and its end. */
export function ProjectScreen() {
  const { project } = useParams({ from: '/projects/$project/settings' })
  const { owner, query } = useApi()
  const { data: record } = useQuery(query.projects.get.queryOptions({ input: { name: project } }))
  const [problem, setProblem] = useState<{ of: string | undefined; sentence: string } | null>(null)
  const problemOf = (name: keyof Change): string | null => (problem?.of === name ? problem.sentence : null)
  const [dialog, setDialog] = useState<'record' | 'stop' | 'delete' | null>(null)
  const saved = useSaved()
  const close = (): void => setDialog(null)
  const save = async (change: Change): Promise<void> => {
    if (record === undefined) return
    const before: Change = { description: record.description, pinned: record.pinned }
    const former = Object.fromEntries(Object.keys(change).map((name) => [name, before[name as keyof Change]]))
    setProblem(null)
    try {
      const next = await owner.projects.update({ name: project, ...change })
      saved(
        () => owner.projects.update({ name: project, ...former }),
        t`Saved`,
        async () => {
          const now = await owner.projects.get({ name: project })
          return now.description === next.description && now.pinned === next.pinned
        },
      )
    } catch (thrown) {
      setProblem({ of: Object.keys(change)[0], sentence: callErrorOf(thrown).sentence })
    }
  }
  return (
    <Page title={t`Project`}>
      {record === undefined ? (
        <SkeletonRows rows={4} height={64} />
      ) : (
        <>
          <SettingGroup title={t`General`}>
            <SettingRow
              id="description"
              label={t`Description`}
              effect={t`What the project is for.`}
              problem={problemOf('description')}
            >
              <TypedValue
                id="description"
                value={record.description}
                problem={problemOf('description')}
                onSave={(description) => void save({ description })}
              />
            </SettingRow>
            <SettingRow
              id="pinned"
              label={t`Pinned`}
              effect={t`Shows it first among the projects.`}
              problem={problemOf('pinned')}
            >
              <Switch
                data-writes
                id="pinned"
                aria-describedby="pinned-effect"
                checked={record.pinned}
                onChange={(event) => void save({ pinned: event.currentTarget.checked })}
              />
            </SettingRow>
            <SettingRow id="payloads" label={t`Payloads`} effect={recordingText(record)}>
              <div id="payloads" className={styles.actions}>
                {record.payloads === 'on' && (
                  <Button data-writes size="xs" variant="default" onClick={() => setDialog('stop')}>
                    {t`Stop…`}
                  </Button>
                )}
                <Button data-writes size="xs" variant="default" onClick={() => setDialog('record')}>
                  {record.payloads === 'on' ? t`Change days…` : t`Record payloads…`}
                </Button>
              </div>
            </SettingRow>
          </SettingGroup>
          <section className={styles.section} aria-label={t`Clients see`}>
            <ToolsShown project={project} />
          </section>
          <Button data-writes variant="default" color="red" c="var(--hp-bad)" onClick={() => setDialog('delete')}>
            {t`Delete project…`}
          </Button>
        </>
      )}
      <RecordPayloads project={project} opened={dialog === 'record'} onClose={close} />
      <StopRecording project={project} opened={dialog === 'stop'} onClose={close} />
      <DeleteProject project={project} opened={dialog === 'delete'} onClose={close} />
    </Page>
  )
}

function recordingText({ payloads_until: until }: ProjectRecord): string {
  return until === null
    ? t`Not recorded. The log has no contents of requests.`
    : t`Recorded until ${formatMoment(until)}, then deleted. Secrets and tokens are masked.`
}
