import { z } from 'zod'
import { plainHttpSchema } from './plain-http.ts'

/**
 * Source of a header or environment variable of an upstream: `keychain` (the connection's secret), `env:NAME`,
 * `file:PATH`, or `plain:VALUE` if it isn't secret. A prefix is preserved, as in `Bearer keychain`.
 */
export const valueReferenceSchema = z
  .string()
  .max(4096)
  .regex(/^(?:[A-Za-z][A-Za-z0-9-]* )?(?:keychain$|env:.|file:.|plain:)/s, {
    error: 'must be keychain, env:NAME, file:PATH or plain:VALUE, optionally after a prefix: "Bearer keychain"',
  })

const headerName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'must be the name of a header, such as Authorization')
const variableName = z
  .string()
  .regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be an environment variable name (letters, digits and _)')
const noNul = (text: string): boolean => !text.includes('\0')

/** An MCP server as upstream: either a `command` that speaks MCP over stdio or a `url`, never both. */
export const mcpConnectionSchema = z.strictObject({
  kind: z.literal('mcp'),
  url: z.string().min(1).max(2048).optional().describe('Streamable HTTP address of the server'),
  sse: z
    .boolean()
    .optional()
    .describe('The server uses the older HTTP+SSE transport. Detected when the connection is created'),
  headers: z.record(headerName, valueReferenceSchema).optional(),
  oauth: z.boolean().optional().describe('Sign in with OAuth 2.1 in the browser; tokens are kept in the secret store'),
  oauth_client_id: z
    .string()
    .min(1)
    .max(512)
    .regex(/^[\x20-\x7e]+$/, 'must be printable ASCII')
    .optional()
    .describe(
      "Client ID of a client registered with the authorization server. Its client secret, if any, is the connection's secret",
    ),
  oauth_callback_port: z
    .int()
    .min(1024)
    .max(65_535)
    .optional()
    .describe('Port of the redirect URI http://127.0.0.1:PORT/callback, with oauth_client_id (default: any free port)'),
  command: z
    .string()
    .min(1)
    .max(4096)
    .refine(noNul, "can't contain a NUL character")
    .optional()
    .describe("Program to start: a name on PATH or an absolute path. It doesn't run in a shell"),
  args: z.array(z.string().max(32_768).refine(noNul, "can't contain a NUL character")).max(256).optional(),
  cwd: z
    .string()
    .min(1)
    .max(4096)
    .refine(noNul, "can't contain a NUL character")
    .optional()
    .describe('Working directory (default: the home folder)'),
  env: z.record(variableName, valueReferenceSchema).optional(),
  pin: z.boolean().optional().describe('Allow a host in a private network'),
  plain_http: plainHttpSchema,
  pass_through: z.boolean().optional().describe('Turn on pass-through for the project the connection is created in'),
  trust: z
    .enum(['ask', 'all'])
    .optional()
    .describe("ask (default): new and changed tools need the owner's review; all: no review"),
})
export type McpConnectionConfig = z.infer<typeof mcpConnectionSchema>

const TOOL_FLAGS = ['instructs', 'secrecy', 'private', 'hidden', 'encoded', 'other_tools'] as const
/** A part of a tool's text that a malicious server would write. `start` and `end` are offsets in characters. */
const toolFlagSchema = z.object({
  kind: z.enum(TOOL_FLAGS),
  field: z.string().describe('description, or the field of a change'),
  start: z.int(),
  end: z.int(),
})
export type ToolFlag = z.infer<typeof toolFlagSchema>

/**
 * A tool of an MCP connection as shown to the owner. Names and texts come from the upstream, with hidden characters
 * made visible.
 */
export const mcpToolRecordSchema = z.object({
  name: z.string(),
  description: z.string().nullable(),
  permission: z.enum(['read', 'write', 'schema']),
  permission_set_by_owner: z.boolean(),
  declared_read_only: z.boolean(),
  state: z.enum(['accepted', 'new', 'changed', 'removed', 'rejected']),
  enabled: z.boolean().describe('False if the owner turned the tool off for everyone'),
  flags: z.array(toolFlagSchema).describe('Suspicious parts of its texts'),
  fingerprint: z
    .string()
    .describe('Hash of this version of the tool. Pass it when accepting, to accept exactly this version'),
  problem: z.string().nullable().describe("Why clients don't see it"),
  repaired: z.array(z.string()).describe('Fields that were repaired so that clients can read the list'),
  changes: z
    .array(z.object({ field: z.string(), before: z.string().nullable(), after: z.string().nullable() }))
    .describe('Differences from the accepted version. Everything of a new tool; empty for an accepted one'),
})
export type McpToolRecord = z.infer<typeof mcpToolRecordSchema>

/** A tool to accept: in its current form, or only if its fingerprint hasn't changed. */
export const toolAcceptanceSchema = z.union([
  z.string().min(1).max(1024),
  z.strictObject({ name: z.string().min(1).max(1024), fingerprint: z.string().max(128) }),
])
export type ToolAcceptance = z.infer<typeof toolAcceptanceSchema>

/** Facts for troubleshooting an upstream. Secrets are removed. */
export const mcpDiagnosticsSchema = z.object({
  state: z.enum(['idle', 'running', 'backing_off', 'needs_sign_in']),
  message: z.string().nullable().describe('Current problem with the server or its lists'),
  sessions: z.int().describe('Upstream sessions or processes open now'),
  starts: z.int(),
  crashes: z.int(),
  next_start_at: z.string().nullable(),
  stderr: z.string().describe('Last 64 KiB of stderr output'),
  stray_output: z.string().nullable().describe("First line on stdout that wasn't a protocol message"),
})
export type McpDiagnostics = z.infer<typeof mcpDiagnosticsSchema>
