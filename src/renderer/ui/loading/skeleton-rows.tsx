import styles from './loading.module.css'

interface SkeletonRowsProps {
  /** Number of rows. */
  rows?: number
  /** Height of a row: 44, or 32 in the log. */
  height?: number
  /** Whether column heads come first. */
  head?: boolean
}

/** Rows of a table or list that is being loaded. */
export function SkeletonRows({ rows = 8, height = 44, head = false }: SkeletonRowsProps) {
  return (
    <div className={styles.rows} data-testid="skeleton" aria-hidden>
      {Array.from({ length: rows + (head ? 1 : 0) }, (_, index) => (
        <div key={index} className={styles.row} style={{ height: head && index === 0 ? 32 : height }}>
          <span style={{ width: `${24 + ((index * 7) % 14)}%` }} />
          <span style={{ width: `${14 + ((index * 5) % 10)}%` }} />
          <span style={{ width: '10%' }} />
        </div>
      ))}
    </div>
  )
}
