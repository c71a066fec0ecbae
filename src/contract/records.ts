import { z } from 'zod'
import { grantSchema, permissionSchema } from './grants.ts'

/** Instants are ISO 8601 in UTC wherever a person or program sees them. */
const instant = z.string()

export const CONNECTION_KINDS = ['grist', 'sqlite', 'http', 'mcp'] as const
export type ConnectionKind = (typeof CONNECTION_KINDS)[number]
export const TOKEN_KINDS = ['access', 'local', 'oauth'] as const
export type TokenKind = (typeof TOKEN_KINDS)[number]
export const TRANSPORTS = ['proxy', 'http', 'mcp-http', 'mcp-stdio', 'control'] as const
export type Transport = (typeof TRANSPORTS)[number]

export const projectRecordSchema = z.object({ name: z.string(), connections: z.array(z.string()), tokens: z.int(), created_at: instant })
export type ProjectRecord = z.infer<typeof projectRecordSchema>

/** `target` is what the connection points at, for people: an address without credentials, or a file path. */
export const connectionRecordSchema = z.object({
  name: z.string(),
  kind: z.enum(CONNECTION_KINDS),
  target: z.string(),
  projects: z.array(z.string()),
  secret: z.string().describe('Where the secret lives: none, keychain, vault, env:NAME, file:PATH. Never the secret'),
  created_at: instant,
})
export type ConnectionRecord = z.infer<typeof connectionRecordSchema>

export const tokenRecordSchema = z.object({
  name: z.string(),
  project: z.string(),
  kind: z.enum(TOKEN_KINDS),
  prefix: z.string().nullable(),
  grants: z.array(grantSchema),
  rate: z.string().nullable(),
  created_at: instant,
  last_used_at: instant.nullable(),
  expires_at: instant.nullable(),
  status: z.enum(['active', 'expired', 'revoked']),
})
export type TokenRecord = z.infer<typeof tokenRecordSchema>

export const sessionRecordSchema = z.object({
  id: z.string(),
  project: z.string(),
  parent: z.string().describe('Name of the token it was minted from'),
  connection: z.string(),
  permissions: z.array(permissionSchema),
  resources: z.array(z.string()).nullable(),
  created_at: instant,
  expires_at: instant,
  requests: z.int(),
  max_requests: z.int().nullable(),
})
export type SessionRecord = z.infer<typeof sessionRecordSchema>

export const requestRecordSchema = z.object({
  id: z.int().describe('Row number, rising with time'),
  time: instant,
  request_id: z.string(),
  project: z.string().nullable(),
  token: z.string().nullable(),
  token_kind: z.enum([...TOKEN_KINDS, 'session', 'owner']).nullable(),
  parent: z.string().nullable(),
  client: z.string().nullable(),
  transport: z.enum(TRANSPORTS),
  method: z.string(),
  connection: z.string().nullable(),
  resource: z.string().nullable().describe('Table or path'),
  status: z.int().nullable().describe('null while the request runs'),
  code: z.string().nullable(),
  duration_ms: z.number().nullable(),
  bytes_in: z.int(),
  bytes_out: z.int(),
  records: z.int(),
})
export type RequestRecord = z.infer<typeof requestRecordSchema>
