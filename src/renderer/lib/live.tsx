import { useQueryClient, type QueryClient, type QueryKey } from '@tanstack/react-query'
import { createContext, use, useEffect, useState, type ReactNode } from 'react'
import type { ChangeTopic } from '../../contract/owner-api.ts'
import { useApi, type Api } from './api.tsx'
import { pause } from './pause.ts'
import { isSignedOut } from './call-error.ts'
import { createRefresh } from './refresh-queries.ts'

/** The page's connection to its engine. While it is `lost`, the screens stay and the page keeps trying. */
type LinkState = { state: 'connecting' | 'live' | 'signed-out' } | LostLink

interface LostLink {
  state: 'lost'
  /** When the page was last up to date, in milliseconds. Null if it never was. */
  liveUntil: number | null
  /** When the page tries again, in milliseconds. */
  retryAt: number
  retry(): void
}

const LinkContext = createContext<LinkState>({ state: 'connecting' })

export function useLink(): LinkState {
  return use(LinkContext)
}

/** Returns whether the engine doesn't answer. */
export function useIsLost(): boolean {
  return useLink().state === 'lost'
}

const FIRST_WAIT_MS = 250
/** A page is up to date again within 5 s of the engine's return. */
const MAX_WAIT_MS = 3000

/** Follows the engine's changes and refetches what they affect. Refetches everything after a lost connection. */
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
  const refresh = createRefresh(queries)
  let wait = FIRST_WAIT_MS
  let liveUntil: number | null = null
  let waiting = new AbortController()
  signal.addEventListener('abort', () => waiting.abort(), { once: true })
  while (!signal.aborted) {
    let isSignedOutNow = false
    try {
      for await (const { topics } of await api.owner.changes.follow(undefined, { signal })) {
        wait = FIRST_WAIT_MS
        tell({ state: 'live' })
        liveUntil = Infinity
        for (const queryKey of topics.flatMap((topic) => keysOf(api, topic))) refresh(queryKey)
      }
    } catch (thrown) {
      isSignedOutNow = isSignedOut(thrown)
    }
    if (signal.aborted) return
    if (liveUntil === Infinity) liveUntil = Date.now()
    waiting = new AbortController()
    const retry = (): void => waiting.abort()
    if (isSignedOutNow) tell({ state: 'signed-out' })
    else tell({ state: 'lost', liveUntil, retryAt: Date.now() + wait, retry })
    await pause(wait, waiting.signal)
    wait = Math.min(wait * 2, MAX_WAIT_MS)
  }
}

/** Returns the query keys that a changed topic affects. */
function keysOf({ query }: Api, topic: ChangeTopic): QueryKey[] {
  const status = query.status.key()
  const attention = query.attention.key()
  switch (topic) {
    case 'state':
      return [status, attention]
    case 'settings':
      return [query.settings.key(), status]
    case 'projects':
      return [query.projects.key(), query.clients.toolsShown.key()]
    case 'connections':
      return [query.connections.key(), query.projects.key(), query.clients.toolsShown.key(), status, attention]
    case 'health':
      return [query.connections.key(), query.clients.toolsShown.key(), status, attention]
    case 'tokens':
      return [
        query.tokens.key(),
        query.projects.key(),
        query.clients.toolsShown.key(),
        // Who can use a connection.
        query.connections.list.key(),
        query.connections.get.key(),
        query.connections.access.key(),
        status,
        attention,
      ]
    case 'sessions':
      return [query.sessions.key(), status]
    case 'approvals':
      return [query.approvals.key(), status, attention]
    case 'views':
      return [query.views.key()]
    case 'clients':
      return [query.clients.list.key()]
    case 'preferences':
      return [query.preferences.key()]
    case 'presets':
      return [query.presets.key()]
    case 'attention':
      return [attention, status]
  }
}
