import { Anchor } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { formatMoment } from '../../lib/format.ts'
import { rich } from '../../lib/rich.ts'
import styles from './project-screen.module.css'

/** Says above the log that payloads are recorded, and of which projects. */
export function RecordingLine({ project }: { project: string | undefined }) {
  const { query } = useApi()
  const { data: projects = [] } = useQuery(query.projects.list.queryOptions())
  const recorded = projects.filter(
    ({ name, payloads_until: until }) => until !== null && (project === undefined || name === project),
  )
  if (recorded.length === 0) return null
  return (
    <p className={styles.recording}>
      {recorded.map(({ name, payloads_until: until }) => (
        <span key={name}>
          {rich`Payloads of ${(
            <Anchor
              key={name}
              inherit
              renderRoot={(root) => <Link {...root} to="/projects/$project/settings" params={{ project: name }} />}
            >
              {name}
            </Anchor>
          )} are recorded until ${formatMoment(until ?? '')}.`}
        </span>
      ))}
      <span>{t`Secrets and tokens are masked.`}</span>
    </p>
  )
}
