import type { Socket } from 'node:net'
import type { ConsoleExchange, WebConsole } from '../../web-console.ts'
import type { Exchange } from '../exchange.ts'
import { readJson } from '../read-body.ts'
import type { Endpoint, RouteMatch } from './route-table.ts'
import { sendWhole } from '../answers/send.ts'

type Matcher = (path: string) => RouteMatch | null

/** Adds the console's paths to the other routes. They aren't for programs, so OpenAPI doesn't include them. */
export function withConsole(
  match: Matcher,
  console: WebConsole | undefined,
  keepPlace: (socket: Socket) => void,
): Matcher {
  if (console === undefined) return match
  const endpoint: Endpoint = {
    auth: 'none',
    log: 'none',
    summary: 'Web console',
    serve: (exchange) => console.serve(consoleExchange(exchange, keepPlace)),
  }
  return (path) => {
    if (path !== '/console' && !path.startsWith('/console/')) return match(path)
    const methods = console.methods(path)
    if (methods === null) return null
    return {
      route: {
        path,
        transport: 'control',
        ownPages: true,
        methods: Object.fromEntries(methods.map((method) => [method, endpoint])),
      },
      params: {},
    }
  }
}

function consoleExchange(exchange: Exchange, keepPlace: (socket: Socket) => void): ConsoleExchange {
  const { request, response, requestId, client, headers, limits } = exchange
  return {
    request,
    response,
    requestId,
    client,
    headers,
    keepPlace: () => keepPlace(request.socket),
    path: request.url?.split('?', 1)[0] ?? '',
    readJson: (maxBytes) => readJson({ ...exchange, limits: { ...limits, bodyBytes: maxBytes } }),
    send: (status, own, body) => sendWhole(exchange, status, own, body),
  }
}
