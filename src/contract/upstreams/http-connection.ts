import { z } from 'zod'
import { plainHttpSchema } from './plain-http.ts'
import { permissionSchema } from '../grants.ts'

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type HttpMethod = (typeof HTTP_METHODS)[number]

const url = z.string().min(1).max(2048)
const headerName = z.string().regex(/^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/, 'must be a header name, such as X-API-Key')
const queryName = z.string().regex(/^[^\s&=#?]{1,128}$/, 'must be a query parameter name, such as api_key')

/**
 * How the secret reaches the upstream. `basic` without a username takes a secret of the form `user:password`; a header may have
 * a word before the secret (`Token <secret>`); `oauth` exchanges a client secret for short-lived tokens.
 */
const httpAuthSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('none') }),
  z.strictObject({ type: z.literal('bearer') }),
  z.strictObject({
    type: z.literal('basic'),
    username: z
      .string()
      .min(1)
      .max(256)
      .regex(/^[^:\r\n\0]+$/, "can't contain a colon")
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
    token_url: url,
    client_id: z.string().min(1).max(512),
    scope: z.string().max(1024).optional(),
    send: z
      .enum(['basic', 'body'])
      .optional()
      .describe('Where the client ID and secret go in the token request (default: basic)'),
  }),
])
export type HttpAuth = z.infer<typeof httpAuthSchema>

/**
 * The first matching rule decides. A path is relative to the base URL and compared segment by segment: `{name}` matches any one segment, a final
 * `*` everything below and the path above it. Without a matching rule, GET, HEAD and OPTIONS require `read` and other methods `write`.
 */
const httpRuleSchema = z.strictObject({
  methods: z.array(z.enum(HTTP_METHODS)).min(1).optional().describe('All methods, if left out'),
  path: z.string().min(1).max(1024).startsWith('/', 'must start with /, such as /admin/*'),
  permission: permissionSchema,
})
export type HttpRule = z.infer<typeof httpRuleSchema>

const openapiSourceSchema = z.union([
  z.strictObject({ url }),
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
const operationTags = z.array(z.string().min(1).max(200)).max(500)

export const httpConnectionSchema = z.strictObject({
  kind: z.literal('http'),
  url: url.describe('Base URL: requests go below it and nowhere else'),
  auth: httpAuthSchema.optional().describe('none, if left out'),
  rules: z.array(httpRuleSchema).max(500).optional(),
  openapi: z
    .strictObject({
      source: openapiSourceSchema.optional().describe('Not stored if the document was pasted as text'),
      operations: operationIds
        .optional()
        .describe('IDs of the operations that become tools; with neither these nor tags, all do'),
      tags: operationTags.optional().describe('Tags whose operations become tools'),
    })
    .optional(),
  pinned: z
    .boolean()
    .optional()
    .describe('Allows a host in a private network. An address literal or localhost in the URL allows it too'),
  plain_http: plainHttpSchema,
  health_path: z
    .string()
    .min(1)
    .max(1024)
    .startsWith('/')
    .optional()
    .describe('Path that tests of the connection request; the base URL, if left out'),
  proxy: z
    .enum(['system', 'none'])
    .optional()
    .describe(
      "system: use HTTP_PROXY, HTTPS_PROXY and NO_PROXY of Hallpass's environment. If left out, they are used only if NODE_USE_ENV_PROXY is 1",
    ),
  allow_encoded_slash: z
    .boolean()
    .optional()
    .describe('Allows %2F in paths, for APIs whose identifiers contain slashes'),
  allow_range: z
    .boolean()
    .optional()
    .describe(
      'Forwards Range headers although the connection has a secret: a response in pieces can hide the secret from masking',
    ),
  timeout_ms: z
    .int()
    .min(100)
    .max(3_600_000)
    .optional()
    .describe('Longest time without data from the upstream, before its response and within it'),
  concurrency: z.int().min(1).max(1024).optional().describe('Concurrent requests; more are queued'),
})
export type HttpConnectionConfig = z.infer<typeof httpConnectionSchema>

const openapiOperationSchema = z.object({
  id: z.string(),
  method: z.enum(HTTP_METHODS),
  path: z.string(),
  summary: z.string().nullable(),
  permission: permissionSchema,
})

const leftOutSchema = z.array(z.object({ operation: z.string(), reason: z.string() }))

/** What an OpenAPI document offers. `left_out` lists operations that can't become tools, and why. */
export const openapiInspectionSchema = z.object({
  title: z.string(),
  version: z.string(),
  openapi: z.string(),
  servers: z.array(z.string()),
  operations: z.array(openapiOperationSchema),
  left_out: leftOutSchema,
})
export type OpenapiInspection = z.infer<typeof openapiInspectionSchema>

export const inspectOpenapiInputSchema = z.strictObject({
  source: openapiSourceSchema,
  rules: z.array(httpRuleSchema).max(500).optional(),
  pinned: z.boolean().optional(),
})

/** What changed among the operations, by ID, when the document was read again. */
export const refreshOpenapiOutputSchema = z.object({
  operations: z.int(),
  added: z.array(z.string()),
  removed: z.array(z.string()),
  changed: z.array(z.string()),
})
/** Replaces the selection of operations; the stored one stays if both are left out. */
export const operationChoiceSchema = z.strictObject({
  operations: operationIds.optional(),
  tags: operationTags.optional(),
})

/** The settings of an http connection. */
export const httpDetailsSchema = z.object({
  base: z.string().describe('Base URL'),
  auth: z.string().describe('How the secret is sent: bearer, header X-API-Key, …'),
  rules: z.array(httpRuleSchema),
  pinned: z.boolean(),
  proxy: z.enum(['system', 'none']).nullable(),
  allow_encoded_slash: z.boolean(),
  allow_range: z.boolean(),
  health_path: z.string().nullable(),
  timeout_ms: z.int(),
  concurrency: z.int(),
  openapi: z
    .object({
      title: z.string(),
      version: z.string(),
      source: z.string().describe('Where the document is reloaded from: a URL, a file, or "text" if it was pasted'),
      servers: z.array(z.string()),
      tags: z.array(z.string()).describe('Tags whose operations become tools; none if IDs or nothing was selected'),
      left_out: leftOutSchema,
      operations: z.array(
        openapiOperationSchema.extend({ chosen: z.boolean(), tool: z.string().describe('Name of its tool in MCP') }),
      ),
    })
    .nullable(),
})
export type HttpDetails = z.infer<typeof httpDetailsSchema>
