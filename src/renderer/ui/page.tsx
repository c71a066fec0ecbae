import { Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import styles from './page.module.css'

interface PageProps {
  title: string
  hint?: ReactNode
  actions?: ReactNode
  children: ReactNode
  /** The content scrolls by itself, as a long list does. */ fill?: boolean
}

/** A screen: its name, one line of what it is for, its acts, its content. */
export function Page({ title, hint, actions, children, fill = false }: PageProps) {
  return (
    <section className={styles.page} aria-label={title}>
      <header className={styles.head}>
        <div className={styles.words}>
          <Title order={1} size="h3">
            {title}
          </Title>
          {hint !== undefined && (
            <Text c="dimmed" size="sm">
              {hint}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </header>
      <div className={fill ? styles.fill : styles.body}>{children}</div>
    </section>
  )
}
