/** What the owner did, as the log names it, in words. */
const TEXTS: Readonly<Record<string, string>> = {
  pause: 'Paused all access',
  resume: 'Resumed access',
  stop: 'Stopped Hallpass',
  'settings.update': 'Changed settings',
  'projects.create': 'Created project',
  'projects.update': 'Changed project',
  'projects.delete': 'Deleted project',
  'connections.create': 'Added connection',
  'connections.replaceSecret': 'Replaced the secret of',
  'connections.delete': 'Deleted connection',
  'connections.include': 'Included connection',
  'connections.exclude': 'Removed connection',
  'connections.acceptTools': 'Accepted tools of',
  'connections.refreshTools': 'Refreshed the tools of',
  'connections.refreshOpenapi': 'Reloaded the document of',
  'connections.setToolPermission': 'Changed a tool of',
  'connections.signIn': 'Started to sign in to',
  'tokens.create': 'Created token',
  'tokens.rotate': 'Rotated the secret of token',
  'tokens.extend': 'Changed the expiry of token',
  'tokens.update': 'Changed token',
  'tokens.revoke': 'Revoked token',
  'tokens.delete': 'Deleted token',
  'sessions.mint': 'Created a session token for',
  'sessions.revoke': 'Ended session token',
  'sessions.revokeAll': 'Ended all session tokens',
  'approvals.decide': 'Decided an approval',
  'attention.snooze': 'Snoozed',
  'attention.wake': 'Ended a snooze of',
  'clients.connect': 'Connected client',
  'clients.disconnect': 'Disconnected client',
  'configuration.apply': 'Applied a configuration',
  'console.signInLink': 'Created a sign-in link',
  'console.signIn': 'Signed in to the web console',
}

/** Returns the method itself if there are no words for it. */
export function ownerActionText(method: string): string {
  return TEXTS[method] ?? method
}
