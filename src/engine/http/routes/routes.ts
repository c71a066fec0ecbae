import { z } from 'zod'
import { proxyDocumentation } from '../../../contract/proxy-documentation.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import type { Access } from '../../access/access.ts'
import type { Principal } from '../../access/principal.ts'
import type { Bridge } from '../../bridge/bridge.ts'
import type { DocumentCalls } from '../../calls/document-calls.ts'
import type { HttpCalls } from '../../calls/http-calls.ts'
import { forwardEndpoint } from '../proxy/forward-request.ts'
import { documentEndpoint } from '../proxy/serve-document.ts'
import type { Exchange } from '../exchange.ts'
import { downloadEndpoint, uploadEndpoint } from './attachment-endpoints.ts'
import { mcpEndpoint } from './serve-mcp.ts'
import { openApi } from './open-api.ts'
import type { Route } from './route-table.ts'
import { sendJson, sendText } from '../answers/send.ts'
import { endSessionEndpoint, introspectEndpoint, mintEndpoint } from './session-endpoints.ts'

interface RouteParts {
  access: Access
  calls: DocumentCalls
  httpCalls: HttpCalls
  bridge: Bridge
  version: string
  ready: () => Promise<{ ok: boolean; checks: Record<string, unknown> }>
  /** Returns the metrics in the Prometheus text format. Undefined if the owner didn't turn them on. */
  metrics?: (() => Promise<string>) | undefined
  /** Returns the base URL at which this caller reached the server. */
  baseUrlOf: (exchange: Exchange) => string
}

const nameSegment = /^[a-z0-9][a-z0-9-]{0,62}$/

/** Returns every route of the server. The OpenAPI description is built from this table. */
export function createRoutes(parts: RouteParts): readonly Route[] {
  const { access, calls, httpCalls, bridge, version, ready, metrics, baseUrlOf } = parts
  const mcp = mcpEndpoint(bridge)
  const forward = forwardEndpoint(httpCalls)
  const kindOf = (principal: Principal, connection: string): ConnectionKind | null =>
    httpCalls.serves(connection)
      ? 'http'
      : (calls.documents(principal).find(({ name }) => name === connection)?.kind ?? null)
  let described: { baseUrl: string; document: object } | null = null
  /** Built again only for another base URL, because anybody who reaches the port can ask for it. */
  const describe = (baseUrl: string): object => {
    if (described?.baseUrl !== baseUrl) described = { baseUrl, document: openApi(routes, version, baseUrl) }
    return described.document
  }
  const table: Route[] = [
    {
      path: '/api/v1/proxy',
      transport: 'proxy',
      methods: {
        GET: {
          auth: 'none',
          log: 'none',
          summary: 'Describe the proxy: methods, fields, errors and an example script.',
          response: z.looseObject({}),
          async serve(exchange) {
            sendJson(exchange, 200, proxyDocumentation(baseUrlOf(exchange)))
          },
        },
        POST: documentEndpoint(calls),
      },
    },
    { path: '/api/v1/attachments', transport: 'proxy', methods: { POST: uploadEndpoint(calls) } },
    {
      path: '/api/v1/attachments/{id}',
      transport: 'proxy',
      where: { id: /^[1-9]\d{0,14}$/ },
      methods: { GET: downloadEndpoint(calls) },
    },
    {
      path: '/api/v1/sessions',
      transport: 'proxy',
      methods: { POST: mintEndpoint(access, baseUrlOf, kindOf) },
    },
    { path: '/api/v1/sessions/current', transport: 'proxy', methods: { DELETE: endSessionEndpoint(access) } },
    { path: '/api/v1/tokens/introspect', transport: 'proxy', methods: { GET: introspectEndpoint() } },
    {
      path: '/api/v1/http/{connection}/{path…}',
      transport: 'http',
      where: { connection: nameSegment },
      methods: {
        GET: forward,
        HEAD: forward,
        POST: forward,
        PUT: forward,
        PATCH: forward,
        DELETE: forward,
        OPTIONS: forward,
      },
    },
    {
      path: '/projects/{project}/mcp',
      transport: 'mcp-http',
      where: { project: nameSegment },
      methods: {
        POST: mcp,
        GET: mcp,
        DELETE: mcp,
      },
    },
    {
      path: '/healthz',
      transport: 'proxy',
      methods: {
        GET: {
          auth: 'none',
          log: 'none',
          summary: 'Liveness check.',
          response: z.object({ status: z.literal('ok'), version: z.string() }),
          async serve(exchange) {
            sendJson(exchange, 200, { status: 'ok', version })
          },
        },
      },
    },
    {
      path: '/readyz',
      transport: 'proxy',
      methods: {
        GET: {
          auth: 'none',
          log: 'none',
          summary: "Readiness check: 503 if the database or the secret store isn't available.",
          response: z.object({ status: z.enum(['ready', 'unavailable']), checks: z.record(z.string(), z.unknown()) }),
          async serve(exchange) {
            const { ok, checks } = await ready()
            sendJson(exchange, ok ? 200 : 503, { status: ok ? 'ready' : 'unavailable', checks })
          },
        },
      },
    },
    {
      path: '/openapi.json',
      transport: 'proxy',
      methods: {
        GET: {
          auth: 'none',
          log: 'none',
          summary: 'OpenAPI description of this server.',
          response: z.looseObject({}),
          async serve(exchange) {
            sendJson(exchange, 200, describe(baseUrlOf(exchange)))
          },
        },
      },
    },
    ...(metrics === undefined ? [] : [metricsRoute(metrics)]),
  ]
  const routes = table.map(withHead)
  return routes
}

/** Adds HEAD where GET works. */
function withHead(route: Route): Route {
  const { GET: get, HEAD: head, ...others } = route.methods
  if (get === undefined || head !== undefined) return route
  const { response: _response, ...rest } = get
  return { ...route, methods: { GET: get, HEAD: { ...rest, summary: 'Like GET, without a body.' }, ...others } }
}

function metricsRoute(metrics: () => Promise<string>): Route {
  return {
    path: '/metrics',
    transport: 'proxy',
    methods: {
      GET: {
        auth: 'none',
        log: 'none',
        summary: 'Metrics in the Prometheus text format, without names.',
        async serve(exchange) {
          sendText(exchange, 200, await metrics(), { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' })
        },
      },
    },
  }
}
