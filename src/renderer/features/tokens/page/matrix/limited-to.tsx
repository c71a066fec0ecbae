import { Tooltip, UnstyledButton } from '@mantine/core'
import type { Grant } from '../../../../../contract/grants.ts'
import { grantText } from '../grant-text.ts'
import styles from '../token-page.module.css'

const MAX_NAMED = 20

interface LimitedToProps {
  summary: string
  mine: readonly Grant[]
  /** Then the grants stand below the summary. */
  isOpen: boolean
}

/** What a token's permissions on a connection are limited to. Its grants are shown in full on hover, on focus and unfolded. */
export function LimitedTo({ summary, mine, isOpen }: LimitedToProps) {
  if (mine.length === 0) return <div>{summary}</div>
  // Each resource has a row of its own too.
  const lines = mine.map((grant) => <div key={grantText(grant)}>{grantText(grant, MAX_NAMED)}</div>)
  if (isOpen)
    return (
      <>
        <div>{summary}</div>
        <div className={styles.grants}>{lines}</div>
      </>
    )
  return (
    <Tooltip
      label={lines}
      events={{ hover: true, focus: true, touch: true }}
      multiline
      maw={480}
      position="bottom-start"
    >
      <UnstyledButton className={styles.summary}>{summary}</UnstyledButton>
    </Tooltip>
  )
}
