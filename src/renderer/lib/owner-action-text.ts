import { t } from '../../contract/text/translate.ts'
import type { OwnerChange } from '../../contract/request-details.ts'
import { fieldLabel } from './field-labels.ts'

/** What the owner did, as the log names it, in words. */
const TEXTS: Readonly<Record<string, string>> = {
  pause: t`Paused all access`,
  resume: t`Resumed access`,
  stop: t`Stopped Hallpass`,
  backUp: t`Backed up the data folder`,
  'projects.rename': t`Renamed project`,
  'connections.rename': t`Renamed connection`,
  'tokens.rename': t`Renamed token`,
  'settings.update': t`Changed settings`,
  'settings.rebind': t`Changed the listen address`,
  'projects.create': t`Created project`,
  'projects.update': t`Changed project`,
  'projects.delete': t`Deleted project`,
  'connections.create': t`Added connection`,
  'connections.update': t`Changed connection`,
  'connections.replaceSecret': t`Replaced the secret of`,
  'connections.delete': t`Deleted connection`,
  'connections.include': t`Included connection`,
  'connections.exclude': t`Removed connection`,
  'connections.acceptTools': t`Accepted tools of`,
  'connections.rejectTools': t`Rejected tools of`,
  'connections.undoReview': t`Undid the review of tools of`,
  'connections.setToolsEnabled': t`Turned tools on or off for`,
  'connections.refreshTools': t`Refreshed the tools of`,
  'connections.refreshOpenapi': t`Reloaded the document of`,
  'connections.setToolPermission': t`Changed a tool of`,
  'connections.signIn': t`Started to sign in to`,
  'tokens.create': t`Created token`,
  'tokens.rotate': t`Rotated the secret of token`,
  'tokens.extend': t`Changed the expiry of token`,
  'tokens.update': t`Changed token`,
  'tokens.revoke': t`Revoked token`,
  'tokens.delete': t`Deleted token`,
  'sessions.mint': t`Created a session token for`,
  'sessions.revoke': t`Revoked session token`,
  'sessions.revokeAll': t`Revoked all session tokens`,
  'approvals.decide': t`Decided an approval`,
  'attention.snooze': t`Snoozed`,
  'attention.wake': t`Stopped snoozing`,
  'views.save': t`Saved view`,
  'views.delete': t`Deleted view`,
  'presets.save': t`Saved preset`,
  'presets.delete': t`Deleted preset`,
  'clients.connect': t`Connected client`,
  'clients.disconnect': t`Disconnected client`,
  'clients.restore': t`Restored the entry of client`,
  'configuration.apply': t`Applied a configuration`,
  'console.signInLink': t`Created a sign-in link`,
  'console.signOutAll': t`Signed out all browsers`,
  'console.signIn': t`Signed in to the web console`,
}

/** Returns the method itself if there are no words for it. */
export function ownerActionText(method: string): string {
  return TEXTS[method] ?? method
}

/** What a field belongs to, where an action changes several things: "token demo/agent: ", "connection crm." */
const OWNERS = /^(?:(tool|token) (.+): |(connection|project) ([^.]+)\.|(settings)\.)(.+)$/s

/** Returns the name of a changed field as the screens call it: "Requests per day", "crm: Base URL". */
export function changedFieldLabel(name: string): string {
  const [, tool, toolName, named, owner, settings, rest] = OWNERS.exec(name) ?? []
  const field = rest ?? name
  const label = fieldLabel(field) ?? fieldLabel(`config.${field}`) ?? inWords(field)
  if (settings !== undefined) return label
  const of = tool === undefined ? (named === undefined ? undefined : owner) : toolName
  return of === undefined ? label : `${of}: ${label}`
}

function inWords(field: string): string {
  const words = field.replaceAll('_', ' ').replaceAll('.', ', ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

const MAX_NAMED = 3

/**
 * Returns which fields an action changed: "Permissions, Rate limit and 2 more". Null if it created or deleted the whole, or
 * if its name says what it changed: revoking a token changes when it was revoked.
 */
export function changedFieldsText(method: string, change: OwnerChange | null): string | null {
  if (!method.endsWith('.update') || change === null || change.before === null || change.after === null) return null
  const names = Object.keys(change.after).map((name) => changedFieldLabel(name))
  const rest = names.length - MAX_NAMED
  const shown = names.slice(0, MAX_NAMED).join(', ')
  return rest > 0 ? t`${shown} and ${rest} more` : shown
}
