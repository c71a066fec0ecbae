import { useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import type { ChangeTopic } from '../../contract/owner-api.ts'
import { useApi, type Api } from './api.tsx'
import { pause } from './pause.ts'
import { isSignedOut, callErrorOf } from './call-error.ts'

/** How the page stands to its engine. `lost` keeps what is shown and goes on trying. */
export type LinkState = { state: 'connecting' | 'live' | 'signed-out' } | { state: 'lost'; message: string }

const LinkContext = createContext<LinkState>({ state: 'connecting' })

export function useLink(): LinkState {
  return use(LinkContext)
}

const FIRST_WAIT_MS = 250
const LONGEST_WAIT_MS = 5000

/** Follows the engine's changes and marks what they touch to be read again; after a loss everything is. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const api = useApi()
  const queries = useQueryClient()
  const [link, setLink] = useState<LinkState>({ state: 'connecting' })

  useEffect(() => {
    const leaving = new AbortController()
    void followForever(api, queries, setLink, leaving.signal)
    return () => leaving.abort()
  }, [api, queries])

  return <LinkContext value={link}>{children}</LinkContext>
}

async function followForever(
  api: Api,
  queries: QueryClient,
  tell: (link: LinkState) => void,
  signal: AbortSignal,
): Promise<void> {
  let wait = FIRST_WAIT_MS
  while (!signal.aborted) {
    try {
      for await (const { topics } of await api.owner.changes.follow(undefined, { signal })) {
        wait = FIRST_WAIT_MS
        tell({ state: 'live' })
        await Promise.all(
          topics.flatMap((topic) => keysOf(api, topic)).map((queryKey) => queries.invalidateQueries({ queryKey })),
        )
      }
      if (!signal.aborted) tell({ state: 'lost', message: 'The engine has stopped. Hallpass tries again by itself.' })
    } catch (thrown) {
      if (signal.aborted) return
      tell(isSignedOut(thrown) ? { state: 'signed-out' } : { state: 'lost', message: callErrorOf(thrown).sentence })
    }
    await pause(wait, signal)
    wait = Math.min(wait * 2, LONGEST_WAIT_MS)
  }
}

/** What has to be read again when a topic changed. */
function keysOf({ query }: Api, topic: ChangeTopic): QueryKey[] {
  const status = query.status.key()
  switch (topic) {
    case 'state':
      return [status]
    case 'settings':
      return [query.settings.key()]
    case 'projects':
      return [query.projects.key()]
    case 'connections':
      return [query.connections.key(), query.projects.key(), status]
    case 'health':
      return [query.connections.key(), status]
    case 'tokens':
      return [query.tokens.key(), query.projects.key(), status]
    case 'sessions':
      return [query.sessions.key(), status]
    case 'approvals':
      return [query.approvals.key(), status]
  }
}
