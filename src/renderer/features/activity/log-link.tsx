import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { LogFilter } from '../log/log-filter.ts'

interface LogLinkProps {
  project: string | undefined
  search: LogFilter
  className?: string | undefined
  children: ReactNode
}

/** Leads to requests in the log of one project, or of all. */
export function LogLink({ project, search, className, children }: LogLinkProps) {
  const shared = { search, className }
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
