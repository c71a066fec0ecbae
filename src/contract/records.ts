import { z } from 'zod'
import { grantSchema, permissionSchema } from './grants.ts'
import { ownerChangeSchema, requestRefusalSchema, requestTimingSchema, TOKEN_STATES } from './request-details.ts'
import { ownAnswerCharsSchema } from './settings.ts'
import { budgetUsedSchema, tokenBudgetSchema } from './tokens/token-budget.ts'

/** Timestamps are ISO 8601 in UTC wherever people or programs see them. */
const instant = z.string()

export const CONNECTION_KINDS = ['grist', 'sqlite', 'http', 'mcp'] as const
export type ConnectionKind = (typeof CONNECTION_KINDS)[number]
const TOKEN_KINDS = ['access', 'local', 'oauth'] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]
const TRANSPORTS = ['proxy', 'http', 'mcp-http', 'mcp-stdio', 'control'] as const
export type Transport = (typeof TRANSPORTS)[number]

export const PROJECT_MODES = ['all', 'search'] as const
export const projectRecordSchema = z.object({
  name: z.string(),
  connections: z.array(z.string()),
  tokens: z.int(),
  created_at: instant,
  mode: z
    .enum(PROJECT_MODES)
    .describe('Tools shown to MCP clients: all, or search (three tools that find and call the others)'),
  pass_through: z
    .string()
    .nullable()
    .describe('MCP connection in pass-through mode: the only one clients see, with its own names'),
  answer_chars: ownAnswerCharsSchema.describe(
    'Maximum length of one answer to a model, in characters; off for no limit; null to use the settings, or no limit in pass-through mode',
  ),
  description: z.string().describe('What the project is for, in the words of the owner'),
  pinned: z.boolean().describe('Shown first among the projects'),
  payloads: z.enum(['off', 'on']).describe('Whether payloads of its requests are recorded'),
  payloads_until: instant.nullable().describe('When recording ends and recorded payloads are deleted'),
})
export type ProjectRecord = z.infer<typeof projectRecordSchema>

/**
 * Health of an upstream: `unknown` until it was called or checked, `up` if it responded and accepted the credentials,
 * `down` with a sentence that says why.
 */
const healthSchema = z.object({
  state: z.enum(['unknown', 'up', 'down']),
  checked_at: instant.nullable(),
  latency_ms: z.number().nullable(),
  message: z.string().nullable(),
  failing_since: instant.nullable().describe('When it first failed without a success since'),
})
export type Health = z.infer<typeof healthSchema>

/** `target` says where the connection points: a URL without credentials, or a file path. */
export const connectionRecordSchema = z.object({
  name: z.string(),
  kind: z.enum(CONNECTION_KINDS),
  target: z.string(),
  projects: z.array(z.string()),
  secret: z
    .string()
    .describe('Where the secret is stored: none, keychain, vault, env:NAME or file:PATH. Never the secret itself'),
  health: healthSchema,
  last_used_at: instant.nullable(),
  created_at: instant,
  description: z.string().describe('What the connection is for, in the words of the owner'),
  paused: z.boolean().describe('Whether its calls are rejected with PAUSED'),
  revision: z.int().describe('Counts up with every change; an update names the one that it is based on'),
  secret_set_at: instant.nullable().describe('When the secret was stored, if known'),
  tokens: z.int().describe('Active tokens with a permission for it'),
  tools: z
    .object({
      on: z.int(),
      off: z.int().describe('Turned off or rejected'),
      review: z.int().describe('New, changed or removed'),
      flagged: z.int().describe('To review, with suspicious text'),
    })
    .nullable()
    .describe('Tools of an MCP server'),
})
export type ConnectionRecord = z.infer<typeof connectionRecordSchema>

export const tokenRecordSchema = z.object({
  name: z.string(),
  project: z.string(),
  kind: z.enum(TOKEN_KINDS),
  prefix: z.string().nullable(),
  grants: z.array(grantSchema),
  rate: z.string().nullable(),
  mode: z.enum(PROJECT_MODES).nullable().describe("Tools shown to its MCP clients; null to use the project's setting"),
  answer_chars: ownAnswerCharsSchema.describe(
    "Maximum length of one answer to a model, in characters; off for no limit; null to use the project's setting",
  ),
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
  revoked_at: instant.nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
  paused: z.boolean().describe('The owner paused this token alone. Its requests get PAUSED'),
  description: z.string().describe('What the token is for, in the words of the owner'),
  revision: z.int().describe('Counts up with every change; an update names the one that it is based on'),
  budget: tokenBudgetSchema.nullable().describe('What it can use per day; null for no limit'),
  budget_used: budgetUsedSchema.describe('What it has used since midnight UTC, session tokens included'),
})
export type TokenRecord = z.infer<typeof tokenRecordSchema>

/** One permission on one resource, or on everything in a connection. */
const permitSchema = z.object({
  connection: z.string(),
  permission: permissionSchema,
  limit: z.enum(['tables', 'tools', 'paths', 'several']).nullable().describe('null: all of the connection'),
  resource: z.string().nullable(),
})
export type Permit = z.infer<typeof permitSchema>

/** Effects of a token update, by name. */
export const tokenEffectsSchema = z.object({
  added: z.array(permitSchema),
  removed: z.array(permitSchema),
  sessions_narrowed: z
    .array(z.object({ id: z.string(), lost: z.array(permitSchema) }))
    .describe('Session tokens that lose a permission and keep another'),
  sessions_ended: z.array(z.string()).describe('Session tokens that lose every permission'),
  requests_cut: z.int(),
})
export type TokenEffects = z.infer<typeof tokenEffectsSchema>

const SESSION_ENDINGS = ['expiry', 'owner'] as const
export const sessionRecordSchema = z.object({
  id: z.string(),
  project: z.string(),
  parent: z.string().describe('Name of the token it was minted from'),
  of_owner: z.boolean().describe('Created by the owner, not from a token. A token can be called "owner" too'),
  connection: z.string(),
  permissions: z.array(permissionSchema),
  resources: z.array(z.string()).nullable(),
  created_at: instant,
  expires_at: instant,
  requests: z.int(),
  max_requests: z.int().nullable(),
  running: z.int().describe('Requests that are running now'),
  label: z.string().nullable(),
  last_used_at: instant.nullable(),
  ended_at: instant.nullable().describe('null while it is active. Ended ones are listed for 24 hours'),
  ended_by: z.enum(SESSION_ENDINGS).nullable().describe('owner: ended by the owner, or by the program that used it'),
})
export type SessionRecord = z.infer<typeof sessionRecordSchema>

export const requestRecordSchema = z.object({
  id: z.int().describe('Row number, rising with time'),
  time: instant,
  request_id: z.string(),
  project: z.string().nullable(),
  token: z.string().nullable(),
  token_kind: z.enum([...TOKEN_KINDS, 'session', 'owner']).nullable(),
  token_hash: z.string().nullable().describe('SHA-256 of the token, also of one that has expired or was revoked'),
  parent: z.string().nullable(),
  client: z.string().nullable(),
  transport: z.enum(TRANSPORTS),
  method: z.string(),
  connection: z.string().nullable(),
  resource: z.string().nullable().describe('Table or path'),
  permission: z.string().nullable().describe('Permission that the request needs'),
  grant: z.string().nullable().describe('Grant that allowed it'),
  missing: z.string().nullable().describe('What a denied request needed, and what its token has'),
  token_state: z.enum(TOKEN_STATES).nullable().describe('State of the token when the request arrived'),
  token_prefix: z.string().nullable().describe('First characters of a well-formed token without a known name'),
  refusal: requestRefusalSchema.nullable(),
  status: z.int().nullable().describe('null while the request runs'),
  code: z.string().nullable(),
  cause: z
    .string()
    .nullable()
    .describe('Same for requests that failed with the same code, token, connection and missing permission'),
  duration_ms: z.number().nullable(),
  timing: requestTimingSchema.nullable(),
  bytes_in: z.int(),
  bytes_out: z.int(),
  records: z.int(),
  change: ownerChangeSchema.nullable().describe('What an action of the owner changed'),
  has_payload: z.boolean().describe('Whether the payload was recorded'),
})
export type RequestRecord = z.infer<typeof requestRecordSchema>

/** Progress and findings of a log verification. */
export const logReportSchema = z.object({
  rows: z.int().describe('Rows whose seal was checked'),
  batches: z.int(),
  unsealed: z.int().describe('Rows from before the log was sealed'),
  removed: z.int().describe('Rows that retention deleted, as the sealed checkpoint says'),
  done: z.boolean(),
  problem: z.object({ batch: z.int().nullable(), first_id: z.int().nullable(), message: z.string() }).nullable(),
})
export type LogReport = z.infer<typeof logReportSchema>

/** A request that needs the owner's approval. */
export const approvalRecordSchema = z.object({
  id: z.string(),
  project: z.string(),
  token: z.string(),
  client: z.string().nullable(),
  connection: z.string(),
  permissions: z.array(permissionSchema),
  resources: z.array(z.string()).nullable(),
  reason: z.string().nullable().describe('Reason given by the agent; untrusted text'),
  ttl_seconds: z.int().nullable(),
  asked_at: instant,
  expires_at: instant.describe('When the request is denied automatically'),
})
export type ApprovalRecord = z.infer<typeof approvalRecordSchema>

/** Names of what depends on a record that is about to be deleted, revoked or excluded. */
export const dependentsSchema = z.object({
  projects: z.array(z.string()),
  tokens: z.array(z.object({ project: z.string(), name: z.string() })),
  sessions: z.int(),
  requests_running: z.int(),
})
export type Dependents = z.infer<typeof dependentsSchema>

const CLIENT_STATES = ['absent', 'installed', 'connected', 'drifted', 'unreadable'] as const

/** An MCP client that Hallpass can connect, and what its configuration currently says about Hallpass. */
export const clientRecordSchema = z.object({
  id: z.string().describe('claude-desktop, claude-code, cursor, vscode, …'),
  name: z.string(),
  state: z.enum(CLIENT_STATES).describe("drifted: Hallpass's entry exists but no longer works"),
  config_path: z.string().describe('The file that would be written'),
  projects: z.array(z.string()).describe('Projects that the file has an entry of Hallpass for, deleted ones included'),
  message: z.string().nullable(),
  token: z.string().nullable().describe("Token of Hallpass's entry"),
  version: z.string().nullable().describe('Version that it reported when it was last seen in this project'),
  last_seen_at: instant.nullable().describe('When it last sent a request in this project'),
  reports_as: z.string().nullable().describe('Name that it reported, as in the request log'),
  sessions_open: z.int().describe('Its open MCP sessions in this project'),
  restart_needed: z.boolean().describe("Its entry was written and it hasn't been seen since, so it must be restarted"),
})
export type ClientRecord = z.infer<typeof clientRecordSchema>

/** What connecting or disconnecting would write. `config_path` is the file itself, with links resolved. */
export const clientPreviewSchema = z.object({
  config_path: z.string(),
  diff: z
    .string()
    .describe(
      'Unified diff. Hides every value except those of the entry, because the file contains secrets of other servers. Empty if nothing would change',
    ),
  version: z.string().describe('Version of the file this preview is based on'),
})
export type ClientPreview = z.infer<typeof clientPreviewSchema>
