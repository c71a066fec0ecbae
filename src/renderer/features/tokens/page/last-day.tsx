import { Button } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { rich } from '../../../lib/rich.ts'
import { plural, t } from '../../../../contract/text/translate.ts'
import type { RequestSummary, TopRequests } from '../../../../contract/request-counts.ts'
import type { TokenRecord } from '../../../../contract/records.ts'
import { useApi } from '../../../lib/api.tsx'
import { formatNumber } from '../../../lib/format.ts'
import { VIEWER_TIME_ZONE } from '../../../lib/now.ts'
import { Ago } from '../../../ui/instant.tsx'
import { Sparkline } from '../../../ui/sparkline.tsx'
import { LogLink } from '../../activity/log-link.tsx'
import { useWhenRowsCame } from '../../activity/use-when-rows-came.ts'
import { missingPermission, type MissingPermission } from './missing-permission.ts'
import styles from './last-day.module.css'

const MAX_CAUSES = 8
/** Causes of failures are among those that are read, and aren't shown. */
const READ_CAUSES = 30

interface LastDayProps {
  token: TokenRecord
  /** Adds a permission to the unsaved changes. Null if the token can't be changed. */
  onAdd: ((missing: MissingPermission) => void) | null
  isInDraft: (missing: MissingPermission) => boolean
  /** The token has it by now, or only a session token of it was limited. */
  isSaved: (missing: MissingPermission) => boolean
}

/** What the token did in the last 24 hours, and what it was denied. */
export function LastDay({ token: { project, name, last_used_at: used }, onAdd, isInDraft, isSaved }: LastDayProps) {
  const { query } = useApi()
  const input = { project, token: name, since: '24h' }
  const options = { placeholderData: keepPreviousData }
  const summary = useQuery(
    query.requests.summary.queryOptions({ input: { ...input, steps: 24, time_zone: VIEWER_TIME_ZONE }, ...options }),
  )
  const causes = useQuery(
    query.requests.top.queryOptions({ input: { ...input, by: 'cause', limit: READ_CAUSES }, ...options }),
  )
  const last = useQuery(query.requests.scan.queryOptions({ input: { project, token: name, limit: 1 }, ...options }))
  useWhenRowsCame(() => Promise.all([summary.refetch(), causes.refetch(), last.refetch()]))
  const { data } = summary
  const client = last.data?.rows[0]?.client ?? null
  const denied = (causes.data?.rows ?? []).filter(({ refused }) => refused > 0).slice(0, MAX_CAUSES)
  return (
    <section className={styles.side} aria-label={t`What ${name} did`}>
      <section aria-labelledby="last-day">
        <h2 id="last-day">{t`Last 24 hours`}</h2>
        {data !== undefined && (
          <>
            <div className={styles.chart}>
              <Sparkline values={data.steps.map(({ requests }) => requests)} width={96} height={28} />
              <LogLink project={project} search={{ token: name, since: data.from, until: data.to }}>
                {t`${plural(data.requests, '# request', '# requests')}`}
              </LogLink>
            </div>
            <p className="hp-tabular">{outcomes(data)}</p>
            {!data.complete && <p className={styles.less}>{t`Counted from the newest requests only.`}</p>}
          </>
        )}
        <p className={styles.less}>{used === null ? t`Never used` : <>{rich`Seen ${<Ago instant={used} />}`}</>}</p>
        {client !== null && <p className={styles.less}>{client}</p>}
      </section>
      {denied.length > 0 && (
        <section aria-labelledby="denied">
          <h2 id="denied">{t`Denied`}</h2>
          <ul className={styles.causes}>
            {denied.map((row) => (
              <Cause
                key={row.name}
                row={row}
                log={{ project, search: { token: name, since: causes.data?.from, until: causes.data?.to } }}
                onAdd={onAdd}
                isInDraft={isInDraft}
                isSaved={isSaved}
              />
            ))}
          </ul>
        </section>
      )}
    </section>
  )
}

function outcomes({ requests, refused: denied, failed }: RequestSummary): string {
  const ok = formatNumber(requests - denied - failed)
  return t`${ok} OK, ${formatNumber(denied)} denied, ${formatNumber(failed)} failed`
}

interface CauseProps extends Pick<LastDayProps, 'onAdd' | 'isInDraft' | 'isSaved'> {
  row: TopRequests['rows'][number]
  log: { project: string; search: { token: string; since: string | undefined; until: string | undefined } }
}

function Cause({ row, log, onAdd, isInDraft, isSaved }: CauseProps) {
  const { name, refused: count, sentence, last } = row
  const missing = last === null ? null : missingPermission(last)
  // All that aren't counted by cause.
  const unnamed = name === null ? t`Other causes` : t`No longer in the log`
  const needed = last?.refusal?.needed ?? sentence ?? unnamed
  const text = t`${formatNumber(count)} × ${needed}`
  return (
    <li>
      {name === null ? (
        <span>{text}</span>
      ) : (
        <LogLink project={log.project} search={{ ...log.search, cause: name }}>
          {text}
        </LogLink>
      )}
      {missing !== null && onAdd !== null && !isSaved(missing) && (
        <Button
          size="compact-xs"
          variant="default"
          disabled={isInDraft(missing)}
          aria-label={isInDraft(missing) ? t`In the draft: ${needed}` : t`Add to draft: ${needed}`}
          onClick={() => onAdd(missing)}
        >
          {isInDraft(missing) ? t`In the draft` : t`Add to draft`}
        </Button>
      )}
    </li>
  )
}
