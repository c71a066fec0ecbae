import { oc } from '@orpc/contract'
import { z } from 'zod'
import { plainHttpSchema } from '../upstreams/plain-http.ts'
import { permissionSchema } from '../grants.ts'
import {
  httpConnectionSchema,
  httpDetailsSchema,
  inspectOpenapiInputSchema,
  openapiInspectionSchema,
  operationChoiceSchema,
  refreshOpenapiOutputSchema,
} from '../upstreams/http-connection.ts'
import {
  mcpConnectionSchema,
  mcpDiagnosticsSchema,
  mcpToolRecordSchema,
  toolAcceptanceSchema,
} from '../upstreams/mcp-connection.ts'
import { nameSchema } from '../names.ts'
import { connectionRecordSchema, dependentsSchema } from '../records.ts'
import { connectionAccessSchema, connectionEffectsSchema } from './connection-effects.ts'
import { ended, named } from './shared-schemas.ts'

export const connectionConfigSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('grist'),
    url: z.string().min(1).max(2048),
    doc: z.string().max(256).optional(),
    pin: z.boolean().optional().describe('Allow a host in a private network'),
    plain_http: plainHttpSchema,
  }),
  z.strictObject({ kind: z.literal('sqlite'), path: z.string().min(1).max(4096), create: z.boolean().optional() }),
  httpConnectionSchema,
  mcpConnectionSchema,
])
export type ConnectionConfig = z.infer<typeof connectionConfigSchema>

export const secretValueSchema = z.strictObject({ value: z.string().min(1).max(16_384) })

/** Secrets are write-only: `value` goes to the secret store, `ref` (env:NAME or file:PATH) is stored as given. */
const secretInput = z.union([secretValueSchema, z.strictObject({ ref: z.string().min(1).max(4096) })])

/** Omitted fields don't change. `config` replaces all settings of the same kind. */
const connectionUpdate = named.extend({
  revision: z.int(),
  set: z.strictObject({
    name: nameSchema.optional(),
    description: z.string().max(200).optional(),
    config: connectionConfigSchema.optional(),
    secret: secretInput.optional(),
    paused: z.boolean().optional(),
  }),
})
const toolNames = z.array(z.string().min(1).max(1024)).min(1).max(5000)

export const connectionsApi = {
  list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(connectionRecordSchema)),
  get: oc.input(named).output(connectionRecordSchema),
  create: oc
    .input(
      z.strictObject({
        name: nameSchema,
        project: nameSchema.optional(),
        config: connectionConfigSchema,
        secret: secretInput.optional(),
      }),
    )
    .output(connectionRecordSchema),
  /** Returns the settings without the secret. An OpenAPI document that was pasted as text is left out. */
  config: oc.input(named).output(connectionConfigSchema),
  /** Returns what `update` would do with the same input. Tests and changes nothing. */
  previewUpdate: oc.input(connectionUpdate).output(connectionEffectsSchema),
  /**
   * Changes a connection completely or not at all. New settings and secrets are tested first. Throws INVALID_REQUEST for
   * `revision` if the connection changed in the meantime, and for `set.secret` if the stored secret would reach another
   * host or command.
   */
  update: oc
    .input(connectionUpdate)
    .output(z.object({ connection: connectionRecordSchema, effects: connectionEffectsSchema })),
  /** Lists the active tokens that can use the connection, by permission. */
  access: oc.input(named).output(z.array(connectionAccessSchema)),
  replaceSecret: oc.input(z.strictObject({ name: nameSchema, secret: secretInput })).output(connectionRecordSchema),
  /** Renames the connection. Grants and session tokens follow. */
  rename: oc.input(named.extend({ new_name: nameSchema })).output(connectionRecordSchema),
  delete: oc.input(named).output(ended),
  include: oc.input(z.strictObject({ name: nameSchema, project: nameSchema })).output(connectionRecordSchema),
  exclude: oc.input(z.strictObject({ name: nameSchema, project: nameSchema })).output(ended),
  /** Sends a request the way a caller's request would go. The outcome becomes the connection's health. */
  test: oc.input(named).output(z.object({ ok: z.boolean(), message: z.string(), latency_ms: z.number() })),
  /** Lists an MCP server's tools, prompts and resources again. */
  refreshTools: oc.input(named).output(z.object({ tools: z.int(), needs_review: z.int() })),
  /** Lists an MCP server's tools, including those that need review and what changed in them. */
  tools: oc.input(named).output(z.array(mcpToolRecordSchema)),
  /**
   * Accepts tools in their current form. Throws INVALID_REQUEST if a tool doesn't exist or its fingerprint has changed.
   */
  acceptTools: oc
    .input(named.extend({ tools: z.array(toolAcceptanceSchema).min(1).max(5000) }))
    .output(z.array(mcpToolRecordSchema)),
  /** Hides tools from agents until they change. Throws like `acceptTools`. */
  rejectTools: oc
    .input(named.extend({ tools: z.array(toolAcceptanceSchema).min(1).max(5000) }))
    .output(z.array(mcpToolRecordSchema)),
  /** Undoes the last review of each tool. Throws INVALID_REQUEST if a tool has none to undo. */
  undoReview: oc.input(named.extend({ tools: toolNames })).output(z.array(mcpToolRecordSchema)),
  /** Turns accepted tools on or off for everyone. */
  setToolsEnabled: oc
    .input(named.extend({ tools: toolNames, enabled: z.boolean() }))
    .output(z.array(mcpToolRecordSchema)),
  /**
   * Sets the permission that the tool requires. Null derives it from the tool's annotations: read-only tools need read,
   * others write.
   */
  setToolPermission: oc
    .input(named.extend({ tool: z.string().min(1).max(1024), permission: permissionSchema.nullable() }))
    .output(z.array(mcpToolRecordSchema)),
  /** Returns what an MCP server's processes wrote and how often they crashed. */
  diagnostics: oc.input(named).output(mcpDiagnosticsSchema),
  /**
   * Starts an OAuth 2.1 sign-in to an MCP server. The owner opens the URL in a browser. The outcome becomes the
   * connection's health.
   */
  signIn: oc.input(named).output(z.object({ authorize_url: z.string(), expires_at: z.string() })),
  /** Returns the settings of an HTTP API and the operations of its OpenAPI document. */
  http: oc.input(named).output(httpDetailsSchema),
  /**
   * Lists what an OpenAPI document offers, without storing anything. Throws INVALID_REQUEST if it isn't an OpenAPI
   * document.
   */
  inspectOpenapi: oc.input(inspectOpenapiInputSchema).output(openapiInspectionSchema),
  /**
   * Reloads the document of an HTTP API. `operations` and `tags` replace the selection of operations that become tools.
   */
  refreshOpenapi: oc.input(named.extend(operationChoiceSchema.shape)).output(refreshOpenapiOutputSchema),
  /** Lists a document's tables. */
  tables: oc.input(named).output(z.array(z.string())),
  /** Lists what deleting the connection would end, or excluding it from the given project. */
  dependents: oc.input(named.extend({ project: nameSchema.optional() })).output(dependentsSchema),
}
