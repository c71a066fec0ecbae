/** What can need the owner. */
export const ATTENTION_KINDS = [
  'approval',
  'tools_review',
  'sign_in',
  'connection_down',
  'secret_store',
  'log',
  'certificate',
  'client_drifted',
  'token_expiring',
  'ended_token',
  'unknown_token',
  'refusals',
  'budget',
  'reachable',
] as const

/** Most urgent first. */
export const ATTENTION_GROUPS = ['decide', 'broken', 'watch'] as const
