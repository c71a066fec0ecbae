import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import type { RecentItem } from '../../../contract/owner-api/screens/preferences-api.ts'
import type { Found, FoundItem } from '../../../contract/owner-api/search-api.ts'
import { useApi } from '../../lib/api.tsx'
import { useFailure } from '../../ui/failure.tsx'

const MAX_RECENT = 8
const REMEMBERED: readonly string[] = ['project', 'token', 'connection', 'view'] satisfies RecentItem['kind'][]

/** What the palette opened last, latest first. */
export function useRecentItems(enabled: boolean): readonly RecentItem[] {
  const { query } = useApi()
  const { data } = useQuery(query.preferences.get.queryOptions({ enabled }))
  return enabled && data !== undefined ? data.recent : []
}

/** Returns a function that leads to what was found, and remembers it. */
export function useOpenItem(): (kind: Found['kind'], item: FoundItem) => void {
  const navigate = useNavigate()
  const { owner } = useApi()
  const failure = useFailure()

  async function remember(item: RecentItem): Promise<void> {
    const { recent } = await owner.preferences.get()
    const others = recent.filter(
      ({ kind, name, project }) => kind !== item.kind || name !== item.name || project !== item.project,
    )
    await owner.preferences.set({ recent: [item, ...others].slice(0, MAX_RECENT) })
  }

  async function openView(name: string, project: string | null): Promise<void> {
    const views = await owner.views.list()
    const search = views.find((view) => view.name === name)?.filter ?? {}
    if (project === null) await navigate({ to: '/log', search })
    else await navigate({ to: '/projects/$project/log', params: { project }, search })
  }

  function lead(kind: Found['kind'], { name, project, connection }: FoundItem): Promise<void> {
    const params = { project: project ?? '' }
    switch (kind) {
      case 'project':
        return navigate({ to: '/projects/$project/connections', params: { project: name } })
      case 'token':
        return navigate({ to: '/projects/$project/tokens/$token', params: { ...params, token: name } })
      case 'session':
        return navigate({ to: '/projects/$project/tokens', params })
      case 'connection':
      case 'tool':
        // Without a project it is on no screen but the one of all requests.
        if (project === null) return navigate({ to: '/log', search: { connection: connection ?? name } })
        return navigate({
          to: '/projects/$project/connections/$connection',
          params: { ...params, connection: connection ?? name },
          search: kind === 'tool' ? { tab: 'tools' } : {},
        })
      case 'request':
        return navigate({ to: '/requests/$id', params: { id: name } })
      case 'view':
        return openView(name, project)
    }
  }

  return (kind, item) => {
    lead(kind, item).catch(failure)
    if (REMEMBERED.includes(kind))
      void remember({ kind: kind as RecentItem['kind'], name: item.name, project: item.project }).catch(failure)
  }
}
