import { Fragment, memo, type PointerEvent, type ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import { DATE_LOCALE, formatClock, formatDuration, formatExact } from '../../lib/format.ts'
import type { ColumnId } from './columns/log-columns.ts'
import { callerLabel, CallerName } from './caller-name.tsx'
import styles from './log.module.css'
import { StatusMark } from './status-mark.tsx'

const dayOfMonth = new Intl.DateTimeFormat(DATE_LOCALE, { day: 'numeric', month: 'short' })

interface LogRowProps {
  id: string
  record: RequestRecord | null | undefined
  /** Position in the whole list, from 0. */
  index: number
  active: boolean
  opened: boolean
  columns: readonly ColumnId[]
  onOpen: (index: number) => void
}

export const LogRow = memo(function LogRow({ id, record, index, active, opened, columns, onOpen }: LogRowProps) {
  return (
    // Keys are taken by the grid, which holds the focus: rows come and go under it.
    // oxlint-disable-next-line jsx-a11y/click-events-have-key-events, jsx-a11y/interactive-supports-focus
    <div
      id={id}
      role="row"
      aria-rowindex={index + 2}
      aria-selected={opened}
      className={styles.row}
      data-active={active || undefined}
      data-opened={opened || undefined}
      data-row={record?.id}
      onClick={() => onOpen(index)}
    >
      {record === undefined || record === null ? (
        <NoRow gone={record === null} />
      ) : (
        <Cells record={record} columns={columns} />
      )}
    </div>
  )
})

function NoRow({ gone }: { gone: boolean }) {
  if (gone) return <span role="gridcell" className={styles.gone}>{t`no longer in the log`}</span>
  return (
    <span role="gridcell" aria-label={t`loading`} className={styles.blank}>
      <i />
      <i />
      <i />
      <i />
    </span>
  )
}

const Cells = memo(function Cells({ record, columns }: { record: RequestRecord; columns: readonly ColumnId[] }) {
  return columns.map((column) => <Fragment key={column}>{CELLS[column](record)}</Fragment>)
})

const CELLS: Readonly<Record<ColumnId, (record: RequestRecord) => ReactNode>> = {
  time: ({ time }) => (
    <span role="gridcell">
      <time dateTime={time} onPointerEnter={tellExactTime}>
        {shortTime(time)}
      </time>
    </span>
  ),
  project: ({ project }) => <Cell className={styles['project']} text={project} />,
  who: (record) => (
    <span role="gridcell" title={callerLabel(record)}>
      <CallerName record={record} />
    </span>
  ),
  request: ({ method }) => <Cell className="hp-mono" text={method} />,
  on: (record) => <Cell text={targetOf(record)} />,
  permission: ({ permission }) => <Cell className={styles['permission']} text={permission} />,
  outcome: (record) => (
    <span role="gridcell" className={styles['ending']}>
      <StatusMark row={record} />
    </span>
  ),
  took: (record) => (
    <span role="gridcell" className={`${styles['number']} ${styles['took']}`}>
      {formatDuration(record.duration_ms)}
    </span>
  ),
}

function Cell({ text, className }: { text: string | null; className?: string | undefined }) {
  return (
    <span role="gridcell" className={className} title={text ?? undefined}>
      {text ?? <span className={styles.none}>–</span>}
    </span>
  )
}

/** Returns the connection and what was used of it. Null for requests that reached none. */
function targetOf({ connection, resource }: RequestRecord): string | null {
  if (connection === null) return resource
  return resource === null ? connection : `${connection} › ${resource}`
}

/** Returns the time of day, with the date unless it is today. */
function shortTime(instant: string): string {
  const date = new Date(instant)
  const today = new Date()
  const isToday =
    date.getDate() === today.getDate() &&
    date.getMonth() === today.getMonth() &&
    date.getFullYear() === today.getFullYear()
  return isToday ? formatClock(instant) : `${dayOfMonth.format(date)} ${formatClock(instant)}`
}

/**
 * Returns the exact local time and the logged timestamp. Set on hover, because formatting every streamed row would be
 * slow.
 */
function tellExactTime({ currentTarget: time }: PointerEvent<HTMLTimeElement>): void {
  time.title = `${formatExact(time.dateTime)}\n${time.dateTime}`
}
