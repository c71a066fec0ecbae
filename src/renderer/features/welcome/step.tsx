import { IconCheck } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { t } from '../../../contract/text/translate.ts'
import styles from './welcome.module.css'

/** A step with its number, or a check mark once it is done. */
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
  /** What happened, once the step is done. */ seen: ReactNode
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
          <span className={styles.state}>{done ? t`Done` : t`To do`}</span>
        </h2>
        <div role="status" className={styles.seen}>
          {done && seen}
        </div>
        {children}
      </div>
    </li>
  )
}
