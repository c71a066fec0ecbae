import { IconAlertTriangleFilled, IconCircleCheckFilled, IconCircleDashed, IconClockHour4 } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import styles from './status-label.module.css'

export type Tone = 'ok' | 'bad' | 'wait' | 'none'

const SHAPES = { ok: IconCircleCheckFilled, bad: IconAlertTriangleFilled, wait: IconClockHour4, none: IconCircleDashed }

/** A state as shape and word. Color only repeats it. */
export function StatusLabel({ tone, children, title }: { tone: Tone; children: ReactNode; title?: string }) {
  const Shape = SHAPES[tone]
  return (
    <span className={styles.state} data-tone={tone} title={title}>
      <Shape size={14} aria-hidden />
      {children}
    </span>
  )
}
