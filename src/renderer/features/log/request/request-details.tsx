import { Button, Group } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { t } from '../../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../../contract/records.ts'
import { formatBytes, formatExact, formatNumber } from '../../../lib/format.ts'
import { CopyButton } from '../../../ui/copying/copy-button.tsx'
import { ShortIdButton } from '../../../ui/copying/short-id-button.tsx'
import { CallerName } from '../caller-name.tsx'
import { missingPermission } from '../../tokens/page/missing-permission.ts'
import { hasTokenPage, likeThis, sameToken, type LogFilter } from '../log-filter.ts'
import styles from '../log.module.css'
import { whyText } from '../outcome.ts'
import { StatusMark } from '../status-mark.tsx'
import { ChangedFields } from './changed-fields.tsx'
import { LikeThis } from './like-this.tsx'
import { RepeatRequest } from './repeat-request.tsx'
import { RequestPayload } from './request-payload.tsx'
import { RequestTiming } from './request-timing.tsx'
import { TokenStatus } from './token-status.tsx'

interface RequestDetailsProps {
  row: RequestRecord
  onFilter: (filter: LogFilter) => void
  /** Level of the headings. */
  level: 2 | 3
}

/** Everything that the log knows about one request: why it ended so, who made it, what allowed it, and its timing. */
export function RequestDetails({ row, onFilter, level }: RequestDetailsProps) {
  const ofToken = sameToken(row)
  const why = whyText(row)
  const failed = row.cause !== null
  const missing = hasTokenPage(row) ? missingPermission(row) : null
  return (
    <>
      <p className={styles.outcome}>
        <StatusMark row={row} />
        {row.code !== null && <span className="hp-mono">{row.code}</span>}
      </p>
      {failed && (
        <Section level={level} title={t`Why`}>
          {why !== null && <p>{why}</p>}
          <Group gap={6}>
            {row.refusal !== null && row.project !== null && (
              <TokenLink row={row} add={missing !== null}>
                {missing === null
                  ? t`Review permissions of ${row.parent ?? row.token ?? ''}`
                  : t`Add ${missing.permission} on ${missing.scope.limit === null ? missing.connection : missing.scope.resource} to a draft`}
              </TokenLink>
            )}
            {row.cause !== null && <LikeThis key={row.cause} cause={row.cause} onFilter={onFilter} />}
          </Group>
        </Section>
      )}
      <Section level={level} title={t`Who`}>
        <p>
          {row.client !== null && `${row.client} › `}
          <CallerName record={row} Id={ShortIdButton} />
          {row.token_kind !== null && row.token_kind !== 'owner' && (
            <span className={styles.none}> · {row.token_kind}</span>
          )}
        </p>
        {row.token_kind !== 'owner' && row.token !== null && (
          <div className={styles.now}>
            {t`Now:`} <TokenStatus row={row} />
          </div>
        )}
      </Section>
      {row.change !== null && (
        <Section level={level} title={t`Changes`}>
          <ChangedFields change={row.change} />
        </Section>
      )}
      {row.permission !== null && (
        <Section level={level} title={t`Allowed by`}>
          <p>{row.grant ?? t`Nothing. No grant of the token covers it.`}</p>
        </Section>
      )}
      <Section level={level} title={t`Timing`}>
        <RequestTiming row={row} />
      </Section>
      {row.project !== null && row.transport !== 'control' && (
        <Section level={level} title={t`Payload`}>
          <RequestPayload key={row.id} row={row} project={row.project} />
        </Section>
      )}
      <Section level={level} title={t`Details`}>
        <dl className={styles.fields}>
          <Field name={t`Time`}>
            <time dateTime={row.time}>{formatExact(row.time)}</time>
          </Field>
          <Field name="UTC" mono>
            {row.time}
          </Field>
          <Field name={t`Project`}>{row.project}</Field>
          <Field name={t`Connection`}>{row.connection}</Field>
          <Field name={t`Resource`} mono>
            {row.resource}
          </Field>
          <Field name={t`Method`} mono>
            {row.method}
          </Field>
          <Field name={t`Permission`}>{row.permission}</Field>
          <Field name={t`Records`}>{formatNumber(row.records)}</Field>
          <Field name={t`Bytes`}>{t`${formatBytes(row.bytes_in)} in, ${formatBytes(row.bytes_out)} out`}</Field>
          <Field name={t`Transport`} mono>
            {row.transport}
          </Field>
          <Field name={t`Request ID`}>
            <ShortIdButton id={row.request_id} />
          </Field>
          <Field name={t`Row`} mono>
            {row.id}
          </Field>
        </dl>
        <Group gap={6}>
          <CopyButton text={() => row.request_id} label={t`Copy request ID`} data-letter="y" />
          {ofToken !== null && <Filter onClick={() => onFilter(ofToken)}>{t`Requests with this token`}</Filter>}
          {!failed && <Filter onClick={() => onFilter(likeThis(row))}>{t`Similar requests`}</Filter>}
          {row.refusal === null && row.project !== null && row.token !== null && (
            <TokenLink row={row}>{t`View token`}</TokenLink>
          )}
        </Group>
      </Section>
      <RepeatRequest row={row} />
    </>
  )
}

/** Leads to the token's page, with what the request needed added to a draft if `add`. */
function TokenLink({ row, add = false, children }: { row: RequestRecord; add?: boolean; children: ReactNode }) {
  const token = row.parent ?? row.token
  const project = row.project ?? ''
  return (
    <Button
      variant="default"
      size="xs"
      renderRoot={(root) =>
        token === null || !hasTokenPage(row) ? (
          <Link {...root} to="/projects/$project/tokens" params={{ project }} />
        ) : (
          <Link
            {...root}
            to="/projects/$project/tokens/$token"
            params={{ project, token }}
            search={add ? { add: row.id } : {}}
          />
        )
      }
    >
      {children}
    </Button>
  )
}

function Section({ title, level, children }: { title: string; level: 2 | 3; children: ReactNode }) {
  const Heading = level === 2 ? 'h2' : 'h3'
  return (
    <section className={styles.section} aria-label={title}>
      <Heading>{title}</Heading>
      {children}
    </section>
  )
}

function Field({ name, mono = false, children }: { name: string; mono?: boolean; children: ReactNode }) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={mono ? 'hp-mono' : undefined}>{children ?? <span className={styles.none}>–</span>}</dd>
    </>
  )
}

function Filter({ onClick, children }: { onClick: () => void; children: ReactNode }) {
  return (
    <Button variant="default" size="xs" leftSection={<IconFilter size={14} />} onClick={onClick}>
      {children}
    </Button>
  )
}
