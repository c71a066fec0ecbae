import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import styles from './welcome.module.css'

/** One of the steps: its number until it is done, then a check. */
export function Step({
  number,
  title,
  done,
  seen,
  children,
}: {
  number: number
  title: string
  done: boolean
  /** What happened, once it did. */ seen: ReactNode
  children: ReactNode
}) {
  return (
    <li className={styles.step} data-done={done}>
      <span className={styles.mark} aria-hidden>
        {done ? <IconCheck size={16} stroke={2.6} /> : number}
      </span>
      <div className={styles.what}>
        <h2>
          {title}
          <span className={styles.state}>{done ? 'Done' : 'To do'}</span>
        </h2>
        <div role="status" className={styles.seen}>
          {done && seen}
        </div>
        {children}
      </div>
    </li>
  )
}
