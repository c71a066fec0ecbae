import type { AttentionItem } from '../../contract/owner-api/attention-api.ts'

/** Returns the path of the page that shows an item with the focus on it. */
export function itemPath({ id }: Pick<AttentionItem, 'id'>): string {
  return `/attention?item=${encodeURIComponent(id)}`
}

/** Returns whether the page at this URL shows the item already. */
export function showsItem(pageUrl: string, { subject, kind }: Pick<AttentionItem, 'subject' | 'kind'>): boolean {
  const [, route = ''] = pageUrl.split('#')
  const [path = ''] = route.split('?')
  if (path === '/attention' || path === '/overview' || path === '/') return true
  if (kind === 'ended_token' || subject.project === null) return false
  const inProject = `/projects/${encodeURIComponent(subject.project)}`
  return subject.connection === null
    ? path === `${inProject}/tokens/${encodeURIComponent(subject.token ?? '')}`
    : path === `${inProject}/connections/${encodeURIComponent(subject.connection)}`
}
