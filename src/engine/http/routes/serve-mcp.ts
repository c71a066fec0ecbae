import { HallpassError } from '../../../contract/errors.ts'
import type { Principal } from '../../access/principal.ts'
import type { Bridge } from '../../bridge/bridge.ts'
import type { Exchange } from '../exchange.ts'
import { readJson } from '../read-body.ts'
import type { Endpoint } from './route-table.ts'

/** How long the bridge has to end a response after its token ended. */
const CUT_MS = 1_000

/** Maximum number of event streams per token. */
const MAX_STREAMS = 32
/** Tool arguments can contain a file, but bulk data goes through the proxy. */
const MCP_BODY = { bytes: 4 * 1024 * 1024, depth: 64, allKeys: 100_000 }

export function mcpEndpoint(bridge: Bridge): Endpoint {
  const streams = new Map<string, number>()
  return {
    auth: 'access',
    log: 'handler',
    summary: 'MCP, Streamable HTTP.',
    streams: true,
    serve: (exchange, principal) => serveMcp(bridge, exchange, principal, streams),
  }
}

/** Checks project and body, then passes the request to the bridge, which writes its own log rows. */
async function serveMcp(
  bridge: Bridge,
  exchange: Exchange,
  principal: Principal,
  streams: Map<string, number>,
): Promise<void> {
  const { request, response } = exchange
  if (exchange.params['project'] !== principal.project.name) {
    const named = exchange.params['project'] ?? ''
    throw new HallpassError('UNAUTHORIZED', `Permission denied: this token doesn't belong to project "${named}".`)
  }
  const body = request.method === 'POST' ? await readJson(exchange, MCP_BODY) : undefined
  if (Array.isArray(body))
    throw new HallpassError('INVALID_REQUEST', "JSON-RPC batches aren't supported. Send one message per request.")
  if (request.method === 'GET' || isListen(body)) takeStream(exchange, principal.rateKey, streams)
  let timer: NodeJS.Timeout | undefined
  const cut = () => {
    timer = setTimeout(() => response.destroy(), CUT_MS)
  }
  principal.signal.addEventListener('abort', cut, { once: true })
  response.once('close', () => {
    clearTimeout(timer)
    principal.signal.removeEventListener('abort', cut)
  })
  exchange.handedOver = true
  await bridge.handleHttp(request, response, {
    principal,
    requestId: exchange.requestId,
    body,
    headers: exchange.headers,
  })
}

function isListen(body: unknown): boolean {
  return (body as { method?: unknown } | null | undefined)?.method === 'subscriptions/listen'
}

function takeStream({ response }: Exchange, key: string, streams: Map<string, number>): void {
  const open = streams.get(key) ?? 0
  if (open >= MAX_STREAMS)
    throw new HallpassError(
      'RATE_LIMITED',
      `This token already has ${MAX_STREAMS} open event streams. Close one, then try again.`,
    )
  streams.set(key, open + 1)
  response.once('close', () => {
    const left = (streams.get(key) ?? 1) - 1
    if (left > 0) streams.set(key, left)
    else streams.delete(key)
  })
}
