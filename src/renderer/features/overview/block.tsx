import { Anchor } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { useId, type ComponentProps, type ReactNode } from 'react'
import { hasNoEngine } from '../../lib/call-error.ts'
import { Loading } from '../../ui/loading/loading.tsx'
import type { LogFilter } from '../log/log-filter.ts'
import styles from './overview.module.css'

/** Leads to a screen, or to the log with a filter. */
type BlockLink = { label: string } & ({ to: string } | { requests: LogFilter })

interface BlockProps {
  title: string
  /** Lead to everything of which the block shows a part. */
  more?: readonly BlockLink[]
  children: ReactNode
}

/** One part of Overview, with its heading and the ways to the rest. */
export function Block({ title, more = [], children }: BlockProps) {
  const heading = useId()
  return (
    <section className={styles.block} aria-labelledby={heading}>
      <div className={styles.head}>
        <h2 id={heading}>{title}</h2>
        {more.map((link) => (
          <Anchor
            key={link.label}
            size="xs"
            renderRoot={(root) =>
              'to' in link ? <Link {...root} to={link.to} /> : <Link {...root} to="/log" search={link.requests} />
            }
          >
            {link.label}
          </Anchor>
        ))}
      </div>
      {children}
    </section>
  )
}

/** What a block loads. Without an engine the banner says so, once, and the blocks stay empty. */
export function BlockContent<T>(loading: ComponentProps<typeof Loading<T>>) {
  const { data, error } = loading.query
  return data === undefined && error !== null && hasNoEngine(error) ? null : <Loading {...loading} />
}
