import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { useEffect } from 'react'
import { t } from '../../contract/text/translate.ts'
import { useApi } from './api.tsx'

/** Names the screen and its project in the window's title, after a pause or the number of things that need the owner. */
export function useWindowTitle(screen: string): void {
  const { query } = useApi()
  const { data: status } = useQuery(query.status.queryOptions())
  const project = (useParams({ strict: false }) as { project?: string }).project
  const title = windowTitle({
    screen,
    project,
    paused: status?.paused === true,
    attention: status?.attention.open ?? 0,
  })
  useEffect(() => {
    document.title = title
  }, [title])
}

interface TitleParts {
  screen: string
  project: string | undefined
  paused: boolean
  attention: number
}

function windowTitle({ screen, project, paused, attention }: TitleParts): string {
  const lead = paused ? `${t`Paused`} · ` : attention > 0 ? `(${attention}) ` : ''
  return `${lead}${screen}${project === undefined ? '' : ` · ${project}`} – Hallpass`
}
