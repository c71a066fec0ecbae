import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { RequestRecord } from '../../../../contract/records.ts'
import type { PayloadPart } from '../../../../contract/request-details.ts'
import { t } from '../../../../contract/text/translate.ts'
import { useApi } from '../../../lib/api.tsx'
import { callErrorOf } from '../../../lib/call-error.ts'
import { formatBytes, formatMoment } from '../../../lib/format.ts'
import { RecordPayloads } from '../../projects/record-payloads.tsx'
import styles from '../log.module.css'

/** What the request sent and got, if its project records payloads. */
export function RequestPayload({ row, project }: { row: RequestRecord; project: string }) {
  const { query } = useApi()
  const { data: payload, error } = useQuery(
    query.requests.payload.queryOptions({ input: { id: row.id }, enabled: row.has_payload, staleTime: 0 }),
  )
  if (payload === undefined && error !== null) return <p role="alert">{callErrorOf(error).sentence}</p>
  if (payload === undefined && row.has_payload) return <p className={styles.none}>{t`Loading…`}</p>
  if (payload === undefined || payload === null) return <NotRecorded row={row} project={project} />
  return (
    <>
      <Part title={t`Request`} part={payload.request} />
      <Part title={t`Response`} part={payload.response} />
    </>
  )
}

function NotRecorded({ row, project }: { row: RequestRecord; project: string }) {
  const { query } = useApi()
  const { data: projects } = useQuery(query.projects.list.queryOptions())
  const [isOpen, setOpen] = useState(false)
  const record = projects?.find(({ name }) => name === project)
  const until = record?.payloads_until ?? null
  return (
    <>
      <p>
        {row.status === null && until !== null ? t`Recorded when the request ends.` : t`Not recorded.`}{' '}
        {until !== null && t`Payloads of ${project} are recorded until ${formatMoment(until)}.`}
      </p>
      {record !== undefined && until === null && (
        <Button data-writes variant="default" size="xs" onClick={() => setOpen(true)}>
          {t`Record payloads of ${project}…`}
        </Button>
      )}
      <RecordPayloads project={project} opened={isOpen} onClose={() => setOpen(false)} />
    </>
  )
}

function Part({ title, part }: { title: string; part: PayloadPart }) {
  const { head, body, bytes, cut, binary } = part
  const note = binary
    ? t`${title}, ${formatBytes(bytes)}. Not text, so it wasn't recorded.`
    : cut
      ? t`${title}, the first 64 KiB of ${formatBytes(bytes)}`
      : t`${title}, ${formatBytes(bytes)}`
  const text = [head, body].filter((one) => one !== null && one !== '').join('\n\n')
  return (
    <>
      <p className={styles.payloadTitle}>{note}</p>
      {text !== '' && (
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- it scrolls, so it must be focusable
        <pre className={`${styles.code} ${styles.payload}`} tabIndex={0} role="region" aria-label={title}>
          {text}
        </pre>
      )}
    </>
  )
}
