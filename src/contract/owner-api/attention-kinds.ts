/** What can need the owner. */
export const ATTENTION_KINDS = [
  'approval',
  'tools_review',
  'connection_down',
  'secret_store',
  'log',
  'certificate',
  'token_expiring',
  'ended_token',
  'unknown_token',
  'refusals',
  'budget',
] as const

/** Most urgent first. */
export const ATTENTION_GROUPS = ['decide', 'broken', 'watch'] as const
