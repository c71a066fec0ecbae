import { z } from 'zod'
import { permissionSchema } from './grants.ts'

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type HttpMethod = (typeof HTTP_METHODS)[number]

const address = z.string().min(1).max(2048)
const headerName = z
  .string()
  .regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'must be the name of a header, such as X-API-Key')
const queryName = z.string().regex(/^[^\s&=#?]{1,128}$/, 'must be the name of a query parameter, such as api_key')

/**
 * How the secret reaches the upstream. `basic` without a user name takes a secret of the form `user:password`; a header may have
 * a word before the secret (`Token <secret>`); `oauth` gets short-lived tokens for a client secret.
 */
export const httpAuthSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('bearer') }),
  z.strictObject({
    type: z.literal('basic'),
    username: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^:\r\n\0]+$/, 'must hold no colon')
      .optional(),
  }),
  z.strictObject({
    type: z.literal('header'),
    name: headerName,
    prefix: z
      .string()
      .max(64)
      .regex(/^[\x21-\x7e]+$/, 'must be one printable word')
      .optional(),
  }),
  z.strictObject({ type: z.literal('query'), name: queryName }),
  z.strictObject({
    type: z.literal('oauth'),
    token_url: address,
    client_id: z.string().min(1).max(512),
    scope: z.string().max(1024).optional(),
    send: z
      .enum(['basic', 'body'])
      .optional()
      .describe('Where client id and secret go in the token request; basic unless given'),
  }),
])
export type HttpAuth = z.infer<typeof httpAuthSchema>

/**
 * The first rule that matches decides. A path is relative to the base URL and compared segment by segment: `{name}` stands for any one
 * segment, a last `*` for whatever is below, and for the path above it. Without a rule, GET, HEAD and OPTIONS are `read` and the rest is `write`.
 */
export const httpRuleSchema = z.strictObject({
  methods: z.array(z.enum(HTTP_METHODS)).min(1).optional().describe('Every method, if left out'),
  path: z.string().min(1).max(1024).startsWith('/', 'must start with /, such as /v1/admin/*'),
  permission: permissionSchema,
})
export type HttpRule = z.infer<typeof httpRuleSchema>

export const openapiSourceSchema = z.union([
  z.strictObject({ url: address }),
  z.strictObject({ path: z.string().min(1).max(4096) }),
  z.strictObject({
    text: z
      .string()
      .min(1)
      .max(16 * 1024 * 1024),
  }),
])
export type OpenapiSource = z.infer<typeof openapiSourceSchema>

const operationIds = z.array(z.string().min(1).max(512)).max(5000)

export const httpConnectionSchema = z.strictObject({
  kind: z.literal('http'),
  url: address.describe('Base address: requests go below it and nowhere else'),
  auth: httpAuthSchema.optional().describe('none, if left out'),
  rules: z.array(httpRuleSchema).max(500).optional(),
  openapi: z
    .strictObject({
      source: openapiSourceSchema.optional().describe('Left out in what is stored when the document was given as text'),
      operations: operationIds.optional().describe('Ids of the operations that become tools; all, if left out'),
    })
    .optional(),
  pinned: z
    .boolean()
    .optional()
    .describe('The host may be one of a private network. An address literal or localhost in the URL says so by itself'),
  health_path: z
    .string()
    .min(1)
    .max(1024)
    .startsWith('/')
    .optional()
    .describe('What is asked for to try the connection; the base address, if left out'),
  timeout_ms: z
    .int()
    .min(100)
    .max(3_600_000)
    .optional()
    .describe('Longest silence of the upstream, before its answer and within it'),
  concurrency: z.int().min(1).max(1024).optional().describe('Requests at a time; more wait their turn'),
})
export type HttpConnectionConfig = z.infer<typeof httpConnectionSchema>

export const openapiOperationSchema = z.object({
  id: z.string(),
  method: z.enum(HTTP_METHODS),
  path: z.string(),
  summary: z.string().nullable(),
  permission: permissionSchema,
})

/** What an OpenAPI document offers. `left_out`: operations that cannot become tools, and why. */
export const openapiInspectionSchema = z.object({
  title: z.string(),
  version: z.string(),
  openapi: z.string(),
  servers: z.array(z.string()),
  operations: z.array(openapiOperationSchema),
  left_out: z.array(z.object({ operation: z.string(), reason: z.string() })),
})
export type OpenapiInspection = z.infer<typeof openapiInspectionSchema>

export const inspectOpenapiInputSchema = z.strictObject({
  source: openapiSourceSchema,
  rules: z.array(httpRuleSchema).max(500).optional(),
  pinned: z.boolean().optional(),
})

/** What changed among the operations, by id, when the document was read again; a choice of operations given becomes the new one. */
export const refreshOpenapiOutputSchema = z.object({
  operations: z.int(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.string()),
})
export const operationChoiceSchema = operationIds

/** An http connection as its owner set it up. */
export const httpDetailsSchema = z.object({
  base: z.string().describe('Address that requests go below'),
  auth: z.string().describe('How the secret is sent, in words: bearer, header X-API-Key, …'),
  rules: z.array(httpRuleSchema),
  pinned: z.boolean(),
  health_path: z.string().nullable(),
  timeout_ms: z.int(),
  concurrency: z.int(),
  openapi: z
    .object({
      title: z.string(),
      version: z.string(),
      source: z
        .string()
        .describe('Where the document is read from again: an address, a file, or "text" when it cannot be'),
      operations: z.array(
        openapiOperationSchema.extend({ chosen: z.boolean(), tool: z.string().describe('Name of its tool over MCP') }),
      ),
    })
    .nullable(),
})
export type HttpDetails = z.infer<typeof httpDetailsSchema>
