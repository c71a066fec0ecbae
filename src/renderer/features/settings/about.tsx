import { Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { rich } from '../../lib/rich.ts'
import { t } from '../../../contract/text/translate.ts'
import { useApi } from '../../lib/api.tsx'
import { Ago } from '../../ui/instant.tsx'
import styles from './settings.module.css'

/** Version, paths and notices. */
export function About() {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  if (status === undefined) return null
  return (
    <section className={styles.group} aria-label={t`About`}>
      <h2 className={styles.title}>{t`About`}</h2>
      <div className={styles.rows}>
        <dl className={styles.about}>
          <dt>{t`Version`}</dt>
          <dd>{t`${status.version}, MIT License`}</dd>
          <dt>{t`URL`}</dt>
          <dd className="hp-mono">{status.url}</dd>
          <dt>{t`Started`}</dt>
          <dd>{rich`${<Ago instant={status.started_at} />}, process ${status.pid}`}</dd>
          <dt>{t`Data folder`}</dt>
          <dd className="hp-mono">{status.home}</dd>
          <dt>{t`Secret store`}</dt>
          <dd>{status.secret_store}</dd>
          {status.notices.map((notice) => (
            <Notice key={notice} notice={notice} />
          ))}
        </dl>
      </div>
    </section>
  )
}

function Notice({ notice }: { notice: string }) {
  return (
    <>
      <dt>{t`Notice`}</dt>
      <dd>
        <Text size="sm">{notice}</Text>
      </dd>
    </>
  )
}
