import { z } from 'zod'
import { ERROR_TABLE } from '../../../contract/error-table.ts'
import type { Endpoint, Route } from './route-table.ts'

/** Returns an OpenAPI 3.1 description built from the route table. */
export function openApi(routes: readonly Route[], version: string, baseUrl: string): Record<string, unknown> {
  return {
    openapi: '3.1.0',
    info: {
      title: 'Hallpass',
      version,
      description: 'Limited, short-lived tokens for documents, HTTP APIs and MCP servers.',
    },
    servers: [{ url: baseUrl }],
    paths: Object.fromEntries(routes.map((route) => [route.path.replace('…', ''), pathItem(route)])),
    components: {
      securitySchemes: {
        session: { type: 'http', scheme: 'bearer', bearerFormat: 'sess_…', description: 'A session token.' },
        access: { type: 'http', scheme: 'bearer', bearerFormat: 'hp_pat_…', description: 'An access token.' },
      },
      schemas: {
        Error: {
          type: 'object',
          required: ['success', 'error', 'code', 'request_id'],
          properties: {
            success: { const: false },
            error: { type: 'string', description: 'Message for people; may change' },
            code: { enum: Object.keys(ERROR_TABLE) },
            request_id: { type: 'string' },
          },
        },
      },
    },
  }
}

function pathItem(route: Route): Record<string, unknown> {
  const parameters = [...route.path.matchAll(/\{(\w+)…?\}/g)].map(([, name = '']) => {
    const pattern = route.where?.[name]?.source
    return {
      name,
      in: 'path',
      required: true,
      schema: { type: 'string', ...(pattern === undefined ? {} : { pattern }) },
    }
  })
  const operations = Object.entries(route.methods).map(([method, endpoint]) => [
    method.toLowerCase(),
    operation(endpoint),
  ])
  return { ...(parameters.length === 0 ? {} : { parameters }), ...Object.fromEntries(operations) }
}

function operation(endpoint: Endpoint): Record<string, unknown> {
  const { request, response } = endpoint
  return {
    summary: endpoint.summary,
    security:
      endpoint.auth === 'none'
        ? []
        : endpoint.auth === 'either'
          ? [{ access: [] }, { session: [] }]
          : [{ [endpoint.auth]: [] }],
    ...(request === undefined ? {} : { requestBody: { required: true, content: content(request, endpoint.streams) } }),
    responses: {
      200: {
        description: 'Success',
        ...(response === undefined ? {} : { content: content(response, endpoint.streams) }),
      },
      default: {
        description: 'Error',
        content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
      },
    },
  }
}

function content(schema: z.ZodType, streams = false): Record<string, unknown> {
  const { $schema: _, ...shape } = z.toJSONSchema(schema, { io: 'input' })
  return {
    'application/json': { schema: shape },
    ...(streams
      ? { 'application/x-ndjson': { schema: { type: 'string', description: 'One JSON value per line' } } }
      : {}),
  }
}
