import { Group, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'
import { useWindowTitle } from '../lib/use-window-title.ts'
import styles from './page.module.css'

interface PageProps {
  title: string
  /** In place of the title, such as one that can be changed. */
  heading?: ReactNode
  hint?: ReactNode
  actions?: ReactNode
  children: ReactNode
  /** Whether the content has its own scrolling, like a long list. */ fill?: boolean
}

/** A screen: title, one line about its purpose, actions and content. */
export function Page({ title, heading, hint, actions, children, fill = false }: PageProps) {
  useWindowTitle(title)
  return (
    <section className={styles.page} aria-label={title}>
      <header className={styles.head}>
        <div className={styles.words}>
          {heading ?? <PageTitle>{title}</PageTitle>}
          {hint !== undefined && (
            <Text component="div" c="dimmed" size="sm">
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

export function PageTitle({ children }: { children: ReactNode }) {
  return (
    <Title order={1} size="h3" className={styles.title}>
      {children}
    </Title>
  )
}
