import { Text } from '@mantine/core'
import { createContext, useContext, type ReactNode } from 'react'
import styles from './settings.module.css'

/** What the owner searches for among the settings, in lower case. */
export const SettingSearch = createContext('')

interface SettingRowProps {
  id: string
  label: string
  /** What the setting does, in one sentence. */ effect: ReactNode
  problem?: string | null
  children: ReactNode
}

/** One setting: name and effect on the left, control on the right, errors below the control. */
export function SettingRow({ id, label, effect, problem = null, children }: SettingRowProps) {
  const search = useContext(SettingSearch)
  const text = `${label} ${typeof effect === 'string' ? effect : ''}`.toLowerCase()
  if (!text.includes(search)) return null
  return (
    <div className={styles.row}>
      <div className={styles.words}>
        <label htmlFor={id} className={styles.label}>
          {label}
        </label>
        <Text size="sm" c="dimmed" id={`${id}-effect`}>
          {effect}
        </Text>
      </div>
      <div className={styles.control}>
        {children}
        {problem !== null && (
          <Text size="xs" role="alert" style={{ color: 'var(--hp-bad)' }}>
            {problem}
          </Text>
        )}
      </div>
    </div>
  )
}

export function SettingGroup({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.group} aria-label={title}>
      <h2 className={styles.title}>{title}</h2>
      <div className={styles.rows}>{children}</div>
    </section>
  )
}
