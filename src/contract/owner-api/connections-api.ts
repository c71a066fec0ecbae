import { oc } from '@orpc/contract'
import { z } from 'zod'
import { permissionSchema } from '../grants.ts'
import {
  httpConnectionSchema,
  httpDetailsSchema,
  inspectOpenapiInputSchema,
  openapiInspectionSchema,
  operationChoiceSchema,
  refreshOpenapiOutputSchema,
} from '../http-connection.ts'
import {
  mcpConnectionSchema,
  mcpDiagnosticsSchema,
  mcpToolRecordSchema,
  toolAcceptanceSchema,
} from '../mcp-connection.ts'
import { nameSchema } from '../names.ts'
import { connectionRecordSchema, dependentsSchema } from '../records.ts'
import { ended, named } from './shared-schemas.ts'

export const connectionConfigSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('grist'), url: z.string().min(1).max(2048), doc: z.string().max(256).optional() }),
  z.strictObject({ kind: z.literal('sqlite'), path: z.string().min(1).max(4096), create: z.boolean().optional() }),
  httpConnectionSchema,
  mcpConnectionSchema,
])
export type ConnectionConfig = z.infer<typeof connectionConfigSchema>

/** The secret travels in, never out: `value` goes to the secret store, `ref` (env:NAME or file:PATH) is kept as it is. */
const secretInput = z.union([
  z.strictObject({ value: z.string().min(1).max(16_384) }),
  z.strictObject({ ref: z.string().min(1).max(4096) }),
])

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
  replaceSecret: oc.input(z.strictObject({ name: nameSchema, secret: secretInput })).output(connectionRecordSchema),
  delete: oc.input(named).output(ended),
  include: oc.input(z.strictObject({ name: nameSchema, project: nameSchema })).output(connectionRecordSchema),
  exclude: oc.input(z.strictObject({ name: nameSchema, project: nameSchema })).output(ended),
  /** A probe through the real path; its outcome is the connection's health from then on. */
  test: oc.input(named).output(z.object({ ok: z.boolean(), message: z.string(), latency_ms: z.number() })),
  /** Lists an MCP server's tools, prompts and resources again. */
  refreshTools: oc.input(named).output(z.object({ tools: z.int(), needs_review: z.int() })),
  /** Of an MCP server: its tools, with what its owner has yet to accept, and what changed. */
  tools: oc.input(named).output(z.array(mcpToolRecordSchema)),
  /** From now on these tools are offered as they are now. INVALID_REQUEST for one that is not there, or changed since its fingerprint was seen. */
  acceptTools: oc
    .input(named.extend({ tools: z.array(toolAcceptanceSchema).min(1).max(5000) }))
    .output(z.array(mcpToolRecordSchema)),
  /** Which permission the tool takes; null: by what it declares (read-only → read, else write). */
  setToolPermission: oc
    .input(named.extend({ tool: z.string().min(1).max(1024), permission: permissionSchema.nullable() }))
    .output(z.array(mcpToolRecordSchema)),
  /** Of an MCP server: what its processes wrote, how often they crashed. */
  diagnostics: oc.input(named).output(mcpDiagnosticsSchema),
  /** Starts signing in to an MCP server (OAuth 2.1). The address is opened in the owner's browser; what came of it is the connection's health. */
  signIn: oc.input(named).output(z.object({ authorize_url: z.string(), expires_at: z.string() })),
  /** Of an HTTP API: how it is set up, and the operations of its OpenAPI document. */
  http: oc.input(named).output(httpDetailsSchema),
  /** What an OpenAPI document offers, before anything is stored. INVALID_REQUEST names a document that is none. */
  inspectOpenapi: oc.input(inspectOpenapiInputSchema).output(openapiInspectionSchema),
  /** Reloads the document of an HTTP API; `operations` and `tags` replace the selection of operations that become tools. */
  refreshOpenapi: oc.input(named.extend(operationChoiceSchema.shape)).output(refreshOpenapiOutputSchema),
  /** Of a document: the names of its tables, for choosing among them. */
  tables: oc.input(named).output(z.array(z.string())),
  /** What ends when the connection is deleted, or excluded from the one project given. */
  dependents: oc.input(named.extend({ project: nameSchema.optional() })).output(dependentsSchema),
}
