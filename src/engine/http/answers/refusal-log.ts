import type { Transport } from '../../../contract/records.ts'
import type { RequestOpening } from '../../log/request-log.ts'
import type { Exchange } from '../exchange.ts'

/** Returns the log row of a request that the HTTP server answers itself. */
export function rowOpening(exchange: Exchange, transport: Transport, method: string | undefined): RequestOpening {
  const { principal, former } = exchange
  return {
    request_id: exchange.requestId,
    transport,
    method: method ?? exchange.request.method ?? '',
    project: principal?.project.name ?? former?.project ?? null,
    token: principal?.name ?? former?.name ?? null,
    token_kind: principal?.kind ?? former?.kind ?? null,
    token_hash: principal?.hash ?? former?.hash ?? null,
    parent: principal?.parent ?? null,
    client: exchange.client,
    resource: exchange.shownPath,
  }
}
