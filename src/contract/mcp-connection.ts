import { z } from 'zod'

/**
 * Where a header or environment value of an upstream comes from: `keychain` (the connection's own secret), `env:NAME`, `file:PATH`, or
 * `plain:VALUE` for what is no secret. A word and a space before it are kept: `Bearer keychain`.
 */
export const valueReferenceSchema = z
  .string()
  .max(4096)
  .regex(/^(?:[A-Za-z][A-Za-z0-9-]* )?(?:keychain$|env:.|file:.|plain:)/s, {
    error: 'must be keychain, env:NAME, file:PATH or plain:VALUE, such as "Bearer keychain"',
  })

const headerName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'must be the name of a header, such as Authorization')
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of an environment variable: letters, digits and _')
const noNul = (text: string): boolean => !text.includes('\0')

/** An MCP server as upstream: a command spoken to over stdio, or an address. Exactly one of `command` and `url`. */
export const mcpConnectionSchema = z.strictObject({
  kind: z.literal('mcp'),
  url: z.string().min(1).max(2048).optional().describe('Streamable HTTP address of the server'),
  sse: z
    .boolean()
    .optional()
    .describe('The address is of the older HTTP+SSE transport. Found out by itself when the connection is made'),
  headers: z.record(headerName, valueReferenceSchema).optional(),
  oauth: z.boolean().optional().describe('Sign in with OAuth 2.1 in the browser; tokens are kept in the secret store'),
  oauth_client_id: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
    .optional()
    .describe(
      'Of a client that was registered beforehand, with the server that signs in; its client secret is the secret of the connection, if it has one',
    ),
  oauth_callback_port: z
    .int()
    .min(1024)
    .max(65_535)
    .optional()
    .describe('With oauth_client_id: the browser returns to http://127.0.0.1:PORT/callback. Without: to any free port'),
  command: z
    .string()
    .min(1)
    .max(4096)
    .refine(noNul, 'must hold no NUL')
    .optional()
    .describe('Program to start: a name on PATH, or an absolute path. No shell reads it'),
  args: z.array(z.string().max(32_768).refine(noNul, 'must hold no NUL')).max(256).optional(),
  cwd: z
    .string()
    .min(1)
    .max(4096)
    .refine(noNul, 'must hold no NUL')
    .optional()
    .describe('Folder it runs in; without, the home folder'),
  env: z.record(variableName, valueReferenceSchema).optional(),
  pin: z.boolean().optional().describe('The host may be one of a private network, by its name'),
  pass_through: z
    .boolean()
    .optional()
    .describe('The project that it is made in passes it through: see pass_through of projects'),
  trust: z
    .enum(['ask', 'all'])
    .optional()
    .describe('ask (default): new and changed tools wait until the owner has seen them; all: they do not'),
})
export type McpConnectionConfig = z.infer<typeof mcpConnectionSchema>

/** One tool of an mcp connection as its owner sees it. Names and texts are the upstream's, hidden characters made visible. */
export const mcpToolRecordSchema = z.object({
  name: z.string(),
  description: z.string().nullable(),
  permission: z.enum(['read', 'write', 'schema']),
  permission_set_by_owner: z.boolean(),
  declared_read_only: z.boolean(),
  state: z.enum(['accepted', 'new', 'changed', 'removed']),
  fingerprint: z.string().describe('Of the tool as it is shown here; accepting with it accepts this and nothing newer'),
  changes: z
    .array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .describe('What differs from what was accepted; empty unless changed'),
})
export type McpToolRecord = z.infer<typeof mcpToolRecordSchema>

/** A tool to accept: as it is now, or only if it is still the one with this fingerprint. */
export const toolAcceptanceSchema = z.union([
  z.string().min(1).max(1024),
  z.strictObject({ name: z.string().min(1).max(1024), fingerprint: z.string().max(128) }),
])
export type ToolAcceptance = z.infer<typeof toolAcceptanceSchema>

/** What the owner may want to see when an upstream misbehaves. Secrets are cut out. */
export const mcpDiagnosticsSchema = z.object({
  state: z.enum(['idle', 'running', 'backing_off', 'needs_sign_in']),
  message: z
    .string()
    .nullable()
    .describe('What is wrong with it, or with its lists: what was too much of them to keep'),
  sessions: z.int().describe('Upstream sessions or processes open now'),
  starts: z.int(),
  crashes: z.int(),
  next_start_at: z.string().nullable(),
  stderr: z.string().describe('The end of what its processes wrote to stderr, at most 64 KiB'),
  stray_output: z.string().nullable().describe('First line on stdout that was no protocol'),
})
export type McpDiagnostics = z.infer<typeof mcpDiagnosticsSchema>
