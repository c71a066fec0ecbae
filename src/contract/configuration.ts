import { z } from 'zod'
import { grantSchema, permissionSchema } from './grants.ts'
import { nameSchema, tokenNameSchema } from './names.ts'
import { connectionConfigSchema } from './owner-api/connections-api.ts'
import { PROJECT_MODES } from './records.ts'
import { ownAnswerCharsSchema, settingsSchema } from './settings.ts'
import { tokenBudgetSchema } from './tokens/token-budget.ts'
import { mcpConnectionSchema } from './upstreams/mcp-connection.ts'

/** Where a secret comes from. Configuration files never contain the secret itself. */
const secretReferenceSchema = z
  .string()
  .max(4096)
  .regex(/^(?:keychain|env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$/s, {
    error: 'must be keychain, env:NAME or file:PATH. A configuration file never contains the secret itself',
  })
  .describe('keychain (entered with hallpass update connection NAME --secret-stdin), env:NAME or file:PATH')

const described = { description: z.string().max(200).optional() }
const secret = { ...described, secret: secretReferenceSchema.optional() }
const [grist, sqlite, http] = connectionConfigSchema.options

const connectionEntrySchema = z.discriminatedUnion('kind', [
  grist.extend(secret),
  sqlite.extend(described),
  http.extend(secret),
  mcpConnectionSchema.omit({ pass_through: true }).extend({
    ...secret,
    tools: z
      .record(z.string().min(1).max(1024), permissionSchema)
      .optional()
      .describe('Permissions of tools that differ from what the server declares'),
  }),
])
export type ConnectionEntry = z.infer<typeof connectionEntrySchema>

const tokenEntrySchema = z.strictObject({
  kind: z.enum(['access', 'local']).optional().describe('access (default) has a secret, local has none'),
  description: z.string().max(200).optional(),
  expires: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('never, an ISO 8601 timestamp, or a lifetime such as 30d, which counts only when the token is created'),
  grants: z.array(grantSchema).max(1000).optional(),
  rate: z.string().max(32).nullable().optional().describe('100/s, 600/m or none; null for the default of the settings'),
  mode: z.enum(PROJECT_MODES).nullable().optional().describe('Tools shown to MCP clients; null: the project decides'),
  answer_chars: ownAnswerCharsSchema
    .optional()
    .describe('Maximum length of one answer to a model; off for no limit; null: the project decides'),
  budget: tokenBudgetSchema.nullable().optional().describe('What it can use per day (UTC); null for no limit'),
})
export type TokenEntry = z.infer<typeof tokenEntrySchema>

const projectEntrySchema = z.strictObject({
  mode: z.enum(PROJECT_MODES).optional().describe('Tools shown to MCP clients: all, or search'),
  pass_through: nameSchema.nullable().optional().describe('MCP server that clients see alone, with its own tool names'),
  answer_chars: ownAnswerCharsSchema
    .optional()
    .describe('Maximum length of one answer to a model; off for no limit; null: the settings decide'),
  description: z.string().max(200).optional(),
  pinned: z.boolean().optional().describe('Shown first among the projects'),
  payloads_until: z.iso
    .datetime({ offset: true })
    .nullable()
    .optional()
    .describe('When recording of payloads ends, at most 30 days from now; null or a past time: off'),
  connections: z.array(nameSchema).max(1000).optional(),
  tokens: z.record(tokenNameSchema, tokenEntrySchema).optional(),
})
export type ProjectEntry = z.infer<typeof projectEntrySchema>

/** What `hallpass export` prints and `hallpass apply` reads. Whatever a file leaves out doesn't change. */
export const configurationSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format'),
  settings: settingsSchema.partial().optional(),
  connections: z.record(nameSchema, connectionEntrySchema).optional(),
  projects: z.record(nameSchema, projectEntrySchema).optional(),
})
export type Configuration = z.infer<typeof configurationSchema>

/** One difference between a configuration and what exists. `before` and `after` are entries of the file. */
export const configurationChangeSchema = z.object({
  action: z.enum(['create', 'update', 'delete']),
  kind: z.enum(['settings', 'connection', 'project', 'token']),
  name: z.string().describe('PROJECT/TOKEN for a token'),
  before: z.record(z.string(), z.unknown()).nullable(),
  after: z.record(z.string(), z.unknown()).nullable(),
})
export type ConfigurationChange = z.infer<typeof configurationChangeSchema>
