import type { RequestRecord } from '../../../contract/records.ts'
import styles from './log.module.css'
import { endingOf, outcomeWord, type Ending } from './outcome.ts'

/** Shows a shape, the status and a word. Color only repeats them. */
export function StatusMark({ row }: { row: RequestRecord }) {
  const ending = endingOf(row.status)
  const number = row.status === null || row.status === 0 ? '' : row.status
  const word = outcomeWord(row)
  return (
    <span className={styles.status} data-ending={ending} title={row.code === null ? word : `${word} (${row.code})`}>
      <Shape ending={ending} />
      {number !== '' && <b>{number}</b>}
      <span>{word}</span>
    </span>
  )
}

/** The shape alone, beside a text that says how the request ended. */
export function StatusShape({ row }: { row: RequestRecord }) {
  const ending = endingOf(row.status)
  return (
    <span className={styles.status} data-ending={ending}>
      <Shape ending={ending} />
    </span>
  )
}

function Shape({ ending }: { ending: Ending }) {
  return (
    <svg viewBox="0 0 12 12" width={12} height={12} aria-hidden focusable="false">
      {shapeOf(ending)}
    </svg>
  )
}

function shapeOf(ending: Ending) {
  switch (ending) {
    case 'running':
      return <circle cx={6} cy={6} r={4} fill="none" stroke="currentColor" strokeWidth={1.6} strokeDasharray="4 2.3" />
    case 'ok':
      return <circle cx={6} cy={6} r={4} fill="currentColor" />
    case 'rejected':
      return <path d="M6 1l5 9.5H1z" fill="currentColor" />
    case 'failed':
      return <path d="M3 1.2 6 4.2l3-3L10.8 3l-3 3 3 3L9 10.8l-3-3-3 3L1.2 9l3-3-3-3z" fill="currentColor" />
    case 'interrupted':
      return <path d="M2 5h8v2H2z" fill="currentColor" />
  }
}
