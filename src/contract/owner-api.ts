import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'
import { grantSchema, permissionSchema } from './grants.ts'
import { nameSchema, tokenNameSchema } from './names.ts'
import { connectionRecordSchema, projectRecordSchema, requestRecordSchema, sessionRecordSchema, tokenRecordSchema } from './records.ts'
import { settingsSchema } from './settings.ts'

/** Errors cross the owner API as oRPC errors whose `data` is `{code}` from the error table; the sentence is the message. */
const nothing = z.object({})
const named = z.strictObject({ name: nameSchema })
const tokenAddress = z.strictObject({ project: nameSchema, name: tokenNameSchema })
const ended = z.object({ sessions_ended: z.int(), requests_cut: z.int() })

export const connectionConfigSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('grist'), url: z.string().min(1).max(2048), doc: z.string().max(256).optional() }),
  z.strictObject({ kind: z.literal('sqlite'), path: z.string().min(1).max(4096), create: z.boolean().optional() }),
])
export type ConnectionConfig = z.infer<typeof connectionConfigSchema>

/** The secret travels in, never out: `value` goes to the secret store, `ref` (env:NAME or file:PATH) is kept as it is. */
const secretInput = z.union([z.strictObject({ value: z.string().min(1).max(16_384) }), z.strictObject({ ref: z.string().min(1).max(4096) })])

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

export const ownerApi = {
  status: oc.output(z.object({
    version: z.string(), pid: z.int(), home: z.string(), url: z.string(), started_at: z.string(), paused: z.boolean(),
    secret_store: z.string(), tokens_active: z.int(), sessions_active: z.int(), requests_today: z.int(), notices: z.array(z.string()),
  })),
  pause: oc.output(z.object({ paused: z.boolean() })),
  resume: oc.output(z.object({ paused: z.boolean() })),
  stop: oc.output(nothing),
  settings: {
    get: oc.output(settingsSchema),
    /** What is left out stays as it is. */
    update: oc.input(settingsSchema.partial()).output(settingsSchema),
  },
  projects: {
    list: oc.output(z.array(projectRecordSchema)),
    get: oc.input(named).output(projectRecordSchema),
    create: oc.input(named).output(projectRecordSchema),
    delete: oc.input(named).output(ended),
  },
  connections: {
    list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(connectionRecordSchema)),
    get: oc.input(named).output(connectionRecordSchema),
    create: oc.input(z.strictObject({ name: nameSchema, project: nameSchema.optional(), config: connectionConfigSchema, secret: secretInput.optional() })).output(connectionRecordSchema),
    replaceSecret: oc.input(z.strictObject({ name: nameSchema, secret: secretInput })).output(connectionRecordSchema),
    delete: oc.input(named).output(ended),
    include: oc.input(z.strictObject({ name: nameSchema, project: nameSchema })).output(connectionRecordSchema),
    exclude: oc.input(z.strictObject({ name: nameSchema, project: nameSchema })).output(ended),
    test: oc.input(named).output(z.object({ ok: z.boolean(), message: z.string(), latency_ms: z.number() })),
  },
  tokens: {
    list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(tokenRecordSchema)),
    get: oc.input(tokenAddress).output(tokenRecordSchema),
    /** The one output that carries a token's secret, once: `secret` is null for a local token. */
    create: oc.input(z.strictObject({
      project: nameSchema, name: tokenNameSchema, kind: z.enum(['access', 'local']), ttl: z.string().max(64).optional(),
      grants: z.array(grantSchema).optional(), clone: z.boolean().optional(), rate: z.string().max(32).optional(), force: z.boolean().optional(),
    })).output(z.object({ token: tokenRecordSchema, secret: z.string().nullable() })),
    revoke: oc.input(tokenAddress).output(ended),
    delete: oc.input(tokenAddress).output(ended),
  },
  sessions: {
    list: oc.input(z.strictObject({ project: nameSchema.optional() })).output(z.array(sessionRecordSchema)),
    /** Minted by the owner: bounded by the project, not by a token. The secret is shown once. */
    mint: oc.input(z.strictObject({
      project: nameSchema, document: nameSchema, permissions: z.array(permissionSchema).min(1), ttl: z.string().max(64).optional(),
      resources: z.array(z.string()).min(1).optional(), label: z.string().max(63).optional(),
    })).output(z.object({ session: sessionRecordSchema, token: z.string(), base_url: z.string(), proxy_url: z.string() })),
    revoke: oc.input(z.strictObject({ id: z.string().min(1).max(128) })).output(ended),
    revokeAll: oc.output(ended),
  },
  requests: {
    list: oc.input(requestFilterSchema).output(z.array(requestRecordSchema)),
    /** Rows as they are opened and again as they are closed, oldest first. */
    follow: oc.input(requestFilterSchema).output(eventIterator(requestRecordSchema)),
  },
}

export type OwnerApi = typeof ownerApi
