import { Button } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import { t } from '../../../contract/text/translate.ts'
import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import type { LogFilter } from '../log/log-filter.ts'

/** `requests` is a filter of the log, instead of a screen. */
type ItemTarget = { label: string } & (
  | { to: string }
  | { requests: LogFilter }
  | { token: { project: string; token: string }; tab?: string }
)

const CONNECTION_VERBS = {
  tools_review: t`Review tools`,
  sign_in: t`Sign in`,
  connection_down: t`Open connection`,
} as const

/** The one action that deals with an item, on the screen of the thing itself. */
export function ItemAction({ item }: { item: AttentionItem }) {
  const target = targetOf(item)
  return (
    <Button
      variant="default"
      size="xs"
      data-act
      renderRoot={(root) =>
        'token' in target ? (
          <Link
            {...root}
            to="/projects/$project/tokens/$token"
            params={target.token}
            search={target.tab === undefined ? {} : { tab: target.tab }}
          />
        ) : 'to' in target ? (
          <Link {...root} to={target.to} />
        ) : (
          <Link {...root} to="/log" search={target.requests} />
        )
      }
    >
      {target.label}
    </Button>
  )
}

function targetOf({ kind, subject: { project, token, connection }, cause }: AttentionItem): ItemTarget {
  const inProject = project === null ? '' : `/projects/${project}`
  switch (kind) {
    case 'approval':
      return { label: t`Review`, to: '/approvals' }
    case 'tools_review':
    case 'sign_in':
    case 'connection_down':
      return {
        label: CONNECTION_VERBS[kind],
        to: project === null ? '/activity' : `${inProject}/connections/${connection}`,
      }
    case 'client_drifted':
      return { label: t`Repair`, to: `${inProject}/connect` }
    case 'reachable':
      return { label: t`Review`, to: '/settings' }
    case 'secret_store':
    case 'log':
    case 'certificate':
      return { label: t`Open settings`, to: '/settings' }
    case 'token_expiring':
      return { label: t`Open token`, ...tokenPage(project, token) }
    case 'budget':
      return { label: t`Change budget`, ...tokenPage(project, token), tab: 'limits' }
    case 'refusals':
      return { label: t`Review permissions`, ...tokenPage(project, token) }
    case 'ended_token':
    case 'unknown_token':
      return { label: t`Show requests`, requests: { ...(cause === null ? {} : { cause }), time: '24h' } }
  }
}

function tokenPage(project: string | null, token: string | null) {
  if (project === null) return { to: '/activity' }
  return token === null ? { to: `/projects/${project}/tokens` } : { token: { project, token } }
}
