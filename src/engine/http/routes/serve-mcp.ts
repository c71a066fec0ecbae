import { HallpassError } from '../../../contract/errors.ts'
import type { Principal } from '../../access/principal.ts'
import type { Bridge } from '../../bridge/bridge.ts'
import type { Exchange } from '../exchange.ts'
import { readJson } from '../read-body.ts'

/** How long the bridge has to end an answer by itself once the token behind it ended. */
const CUT_MS = 1_000

/** Checks project and body, then hands over to the bridge, which writes its own log rows. */
export async function serveMcp(bridge: Bridge, exchange: Exchange, principal: Principal): Promise<void> {
  const { request, response } = exchange
  if (exchange.params['project'] !== principal.project.name) {
    const asked = exchange.params['project'] ?? ''
    throw new HallpassError('UNAUTHORIZED', `Permission denied: this token doesn't belong to project "${asked}".`)
  }
  const body = request.method === 'POST' ? await readJson(exchange) : undefined
  if (Array.isArray(body))
    throw new HallpassError('INVALID_REQUEST', "JSON-RPC batches aren't supported. Send one message per request.")
  for (const [name, value] of Object.entries(exchange.headers)) response.setHeader(name, value)
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
  await bridge.handleHttp(request, response, { principal, requestId: exchange.requestId, body })
}
