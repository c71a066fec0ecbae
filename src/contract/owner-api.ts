import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { grantSchema, permissionSchema } from './grants.ts'
import {
  httpConnectionSchema,
  httpDetailsSchema,
  inspectOpenapiInputSchema,
  openapiInspectionSchema,
  operationChoiceSchema,
  refreshOpenapiOutputSchema,
} from './http-connection.ts'
import {
  mcpConnectionSchema,
  mcpDiagnosticsSchema,
  mcpToolRecordSchema,
  toolAcceptanceSchema,
} from './mcp-connection.ts'
import { nameSchema, tokenNameSchema } from './names.ts'
import {
  approvalRecordSchema,
  clientPreviewSchema,
  clientRecordSchema,
  connectionRecordSchema,
  dependentsSchema,
  projectRecordSchema,
  requestRecordSchema,
  requestSummarySchema,
  sessionRecordSchema,
  tokenRecordSchema,
  PROJECT_MODES,
} from './records.ts'
import { settingsSchema } from './settings.ts'

/** Errors cross the owner API as oRPC errors whose `data` is `{code}` from the error table; the sentence is the message. */
const nothing = z.object({})
const named = z.strictObject({ name: nameSchema })
const tokenAddress = z.strictObject({ project: nameSchema, name: tokenNameSchema })
const ended = z.object({ sessions_ended: z.int(), requests_cut: z.int() })

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

export const requestFilterSchema = z.strictObject({
  project: nameSchema.optional(),
  token: z.string().optional(),
  connection: z.string().optional(),
  method: z.string().optional(),
  status: z.string().optional().describe('An exact status, a class such as 4xx, or "ok" / "failed"'),
  text: z.string().optional(),
  since: z.string().optional().describe('Duration such as 1h, or an ISO 8601 instant'),
  before_id: z.int().optional(),
  limit: z.int().min(1).max(10_000).optional(),
})
export type RequestFilter = z.infer<typeof requestFilterSchema>

/** Without the two that say which page is wanted. */
const requestSelectionSchema = requestFilterSchema.omit({ before_id: true, limit: true })

/** What may change under a face that shows it. `state`: paused, resumed, notices. */
export const CHANGE_TOPICS = [
  'state',
  'settings',
  'projects',
  'connections',
  'health',
  'tokens',
  'sessions',
  'approvals',
] as const
export type ChangeTopic = (typeof CHANGE_TOPICS)[number]

const clientChoice = z.strictObject({
  client: z.string().min(1).max(64),
  project: nameSchema,
  token: tokenNameSchema.optional(),
})
const seen = { seen: z.string().max(64).optional() }

export const ownerApi = {
  status: oc.output(
    z.object({
      version: z.string(),
      pid: z.int(),
      home: z.string(),
      url: z.string(),
      started_at: z.string(),
      paused: z.boolean(),
      secret_store: z.string(),
      tokens_active: z.int(),
      sessions_active: z.int(),
      requests_today: z.int(),
      approvals_waiting: z.int(),
      connections_down: z.array(z.string()),
      secret_store_ok: z.boolean(),
      last_request_at: z.string().nullable(),
      notices: z.array(z.string()),
      console_url: z.string().optional().describe('Address of the web console; left out where none is served'),
    }),
  ),
  pause: oc.output(z.object({ paused: z.boolean() })),
  resume: oc.output(z.object({ paused: z.boolean() })),
  stop: oc.output(nothing),
  /** Which lists to read again. The first event comes at once and names every topic; changes close together come as one. */
  changes: { follow: oc.output(eventIterator(z.object({ topics: z.array(z.enum(CHANGE_TOPICS)) }))) },
  settings: {
    get: oc.output(settingsSchema),
    /** What is left out stays as it is. */
    update: oc.input(settingsSchema.partial()).output(settingsSchema),
  },
  projects: {
    list: oc.output(z.array(projectRecordSchema)),
    get: oc.input(named).output(projectRecordSchema),
    create: oc.input(named).output(projectRecordSchema),
    /** What is left out stays as it is. `pass_through` names an MCP connection that the project includes, and no other is one. */
    update: oc
      .input(named.extend({ mode: z.enum(PROJECT_MODES).optional(), pass_through: nameSchema.nullable().optional() }))
      .output(projectRecordSchema),
    delete: oc.input(named).output(ended),
    dependents: oc.input(named).output(dependentsSchema),
  },
  connections: {
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
  },
  tokens: {
    list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(tokenRecordSchema)),
    get: oc.input(tokenAddress).output(tokenRecordSchema),
    /** The one output that carries a token's secret, once: `secret` is null for a local token. */
    create: oc
      .input(
        z.strictObject({
          project: nameSchema,
          name: tokenNameSchema,
          kind: z.enum(['access', 'local']),
          ttl: z.string().max(64).optional(),
          grants: z.array(grantSchema).optional(),
          clone: z.boolean().optional(),
          rate: z.string().max(32).optional(),
          mode: z.enum(PROJECT_MODES).optional(),
          force: z.boolean().optional(),
        }),
      )
      .output(z.object({ token: tokenRecordSchema, secret: z.string().nullable() })),
    /** A new secret for the same token; the old one and its session tokens end. Shown once, like the first. */
    rotate: oc.input(tokenAddress).output(z.object({ token: tokenRecordSchema, secret: z.string() })),
    /** Moves the end of a token that is still active; `ttl` counts from now. */
    extend: oc.input(tokenAddress.extend({ ttl: z.string().min(1).max(64) })).output(tokenRecordSchema),
    revoke: oc.input(tokenAddress).output(ended),
    delete: oc.input(tokenAddress).output(ended),
    dependents: oc.input(tokenAddress).output(dependentsSchema),
  },
  sessions: {
    list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(sessionRecordSchema)),
    /** Minted by the owner: bounded by the project, not by a token. The secret is shown once. */
    mint: oc
      .input(
        z.strictObject({
          project: nameSchema,
          document: nameSchema,
          permissions: z.array(permissionSchema).min(1),
          ttl: z.string().max(64).optional(),
          resources: z.array(z.string()).min(1).optional(),
          label: z.string().max(63).optional(),
        }),
      )
      .output(
        z.object({ session: sessionRecordSchema, token: z.string(), base_url: z.string(), proxy_url: z.string() }),
      ),
    revoke: oc.input(z.strictObject({ id: z.string().min(1).max(128) })).output(ended),
    revokeAll: oc.output(ended),
  },
  requests: {
    list: oc.input(requestFilterSchema).output(z.array(requestRecordSchema)),
    /** Rows as they are opened and again as they are closed, oldest first. */
    follow: oc.input(requestFilterSchema).output(eventIterator(requestRecordSchema)),
    get: oc.input(z.strictObject({ id: z.int() })).output(requestRecordSchema),
    /** First and last row number that are kept, and how many rows; null when there is none. Numbers rise by one a row. */
    bounds: oc.output(z.object({ first_id: z.int(), last_id: z.int(), rows: z.int() }).nullable()),
    /**
     * Like `list`, in bounded time however rare the matches: it looks at some thousands of rows and says in `next_before_id` where
     * to go on, null at the end of the log. `rows` may be empty long before that.
     */
    scan: oc
      .input(requestFilterSchema)
      .output(z.object({ rows: z.array(requestRecordSchema), next_before_id: z.int().nullable() })),
    /** From per-minute counts kept beside the log, so that a month is as cheap as an hour. p95 within 10 %. */
    summary: oc
      .input(
        z.strictObject({
          project: nameSchema.optional(),
          connection: nameSchema.optional(),
          since: z.string().max(64),
          steps: z.int().min(1).max(500),
        }),
      )
      .output(requestSummarySchema),
    /** The chosen rows, oldest first, as pieces of one text; `rows` is how many went before and in this piece. */
    export: oc
      .input(requestSelectionSchema.extend({ format: z.enum(['jsonl', 'csv']) }))
      .output(eventIterator(z.object({ text: z.string(), rows: z.int() }))),
  },
  approvals: {
    list: oc.output(z.array(approvalRecordSchema)),
    /** `once` this request; `while` for ttl_seconds; `always` from now on for this token; a question that is gone is INVALID_REQUEST. */
    decide: oc
      .input(z.strictObject({ id: z.string().min(1).max(128), decision: z.enum(['once', 'while', 'always', 'deny']) }))
      .output(nothing),
  },
  clients: {
    list: oc.input(z.strictObject({ project: nameSchema })).output(z.array(clientRecordSchema)),
    preview: oc.input(clientChoice.extend({ act: z.enum(['connect', 'disconnect']) })).output(clientPreviewSchema),
    /** `seen` is the `version` of the preview that was agreed to: a configuration that changed since is not written. */
    connect: oc.input(clientChoice.extend(seen)).output(clientRecordSchema),
    /** The project may be gone already; the token is not looked at. */
    disconnect: oc.input(clientChoice.extend(seen)).output(clientRecordSchema),
  },
  console: {
    /** A link that signs one browser in to the web console, once, within 60 seconds. INVALID_REQUEST where no console is served. */
    signInLink: oc.output(z.object({ url: z.string(), expires_at: z.string() })),
  },
}

export type OwnerApi = typeof ownerApi

/**
 * The half of the owner API that a renderer gets, in the window as in the console. It cannot stop the engine, nor make
 * itself a second way in.
 */
const { stop: _stop, console: _console, ...windowApi } = ownerApi
export { windowApi }
export type WindowApi = typeof windowApi
