import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { LogFilter } from '../log/log-filter.ts'

interface LogLinkProps {
  project: string | undefined
  search: LogFilter
  className?: string | undefined
  label?: string
  children: ReactNode
}

/** Leads to requests in the log of one project, or of all. */
export function LogLink({ project, search, className, label, children }: LogLinkProps) {
  const shared = { search, className, 'aria-label': label }
  return project === undefined ? (
    <Link to="/log" {...shared}>
      {children}
    </Link>
  ) : (
    <Link to="/projects/$project/log" params={{ project }} {...shared}>
      {children}
    </Link>
  )
}
