import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { InitializeRequest, JSONRPCMessage } from '@modelcontextprotocol/server'
import { asHallpassError, HallpassError } from '../../../../contract/errors.ts'
import type { Principal } from '../../../access/principal.ts'
import type { RequestLog } from '../../../log/request-log.ts'
import { clientName, rowOpening, type Caller } from '../../caller.ts'
import type { ClientServerParts } from '../client-server.ts'
import { writeEventHeaders } from './event-stream.ts'
import { createExchangeTransport } from './exchange-transport.ts'
import { idOf, isRequest, methodOf, sendJsonRpcError } from '../json-rpc.ts'
import type { ToolReaders } from '../../tools/answers/tool-readers.ts'
import { openMethodRow } from '../../tools/method-row.ts'
import { createSessionClient } from './session-client.ts'
import type { SessionFacts, SessionIds } from './session-ids.ts'
import type { Session, SessionPool } from './session-pool.ts'

const NO_SESSION = { status: 404, code: 'NOT_FOUND' } as const

/** One HTTP request and what is known about it. */
interface Arrival {
  request: IncomingMessage
  response: ServerResponse
  caller: Caller
  principal: Principal
  /** The session ID in its header. */
  id: string | undefined
  body: unknown
  /** The JSON-RPC method for the log, or the HTTP method if there is none. */
  method: string
}

export interface SessionExchange {
  handle(
    request: IncomingMessage,
    response: ServerResponse,
    caller: Caller,
    principal: Principal,
    body: unknown,
  ): Promise<void>
}

/** The protocol versions with sessions (2025-11-25 and older) over HTTP. */
export function createSessionExchange(
  parts: ClientServerParts & { log: RequestLog; ids: SessionIds; pool: SessionPool; readers: Pick<ToolReaders, 'add'> },
): SessionExchange {
  const { sdk, log, opener, ids, pool, readers } = parts

  function reject({ response, caller, body, method }: Arrival, status: number, code: number, sentence: string): void {
    const shown = status === 404 ? NO_SESSION : { status, code: 'INVALID_REQUEST' }
    log.rejected(rowOpening(caller, method, null), { ...shown, bytes_in: caller.bytesIn })
    sendJsonRpcError(response, status, idOf(body), code, sentence)
  }

  async function open(principal: Principal, id: string, client: string | null): Promise<Session> {
    const transport = createExchangeTransport(id)
    const { server, clientLink } = await createSessionClient(
      parts,
      principal,
      (context) => context.http?.authInfo?.extra?.['caller'] as Caller,
    )
    await server.connect(transport)
    return { id, server, transport, clientLink, client }
  }

  /**
   * Resumes a session from before a restart, or one that was dropped while idle: a new server with the original client
   * info.
   */
  async function takeUp(principal: Principal, id: string): Promise<Session | null> {
    const facts = pool.wasEnded(id) ? null : ids.verify(principal, id)
    if (facts === null) return null
    // The client may have listed the tools before.
    readers.add(principal)
    const session = await open(principal, id, facts.name === '' ? null : clientName(facts))
    const known = pool.find(principal, id)
    if (known !== null) {
      await session.server.close()
      return known
    }
    session.transport.replay({
      jsonrpc: '2.0',
      // An ID that no request of the client has, so the response can't be mistaken for another.
      id: randomUUID(),
      method: 'initialize',
      params: {
        protocolVersion: facts.protocol,
        capabilities: facts.capabilities,
        clientInfo: { name: facts.name || 'unknown', version: facts.version },
      },
    })
    session.transport.replay({ jsonrpc: '2.0', method: 'notifications/initialized' })
    pool.add(principal, session)
    return session
  }

  async function initialize(
    { response, caller, principal }: Arrival,
    message: InitializeRequest & JSONRPCMessage,
  ): Promise<void> {
    const { clientInfo, protocolVersion, capabilities } = message.params
    const facts: SessionFacts = {
      name: clientInfo.name,
      version: clientInfo.version,
      protocol: protocolVersion,
      capabilities,
    }
    const client = clientName(clientInfo)
    const closeRow = openMethodRow(parts, caller, message as never, client)
    let session: Session
    try {
      session = await open(principal, ids.mint(principal, facts), client)
      pool.add(principal, session)
    } catch (thrown) {
      closeRow(asHallpassError(thrown, caller.requestId))
      throw thrown
    }
    session.transport.post(message, response, caller, closeRow)
  }

  async function post(arrival: Arrival): Promise<void> {
    const { response, caller, principal, id, body } = arrival
    let message: JSONRPCMessage
    try {
      message = sdk.parseJSONRPCMessage(body)
    } catch {
      // The validator's message would quote the body. The code is all a client needs.
      return reject(arrival, 400, -32600, 'The body is not a JSON-RPC message.')
    }
    if (isRequest(message) && sdk.isInitializeRequest(message))
      return initialize(arrival, message as InitializeRequest & JSONRPCMessage)
    if (id === undefined) {
      return reject(arrival, 400, -32000, 'The Mcp-Session-Id header is missing; initialize first.')
    }
    const session = pool.find(principal, id) ?? (await takeUp(principal, id))
    if (session === null) return reject(arrival, 404, -32001, 'Session not found')
    const closeRow = isRequest(message) ? openMethodRow(parts, caller, message, session.client) : () => {}
    session.transport.post(message, response, caller, closeRow)
  }

  async function stream(arrival: Arrival): Promise<void> {
    const { request, response, caller, principal, id } = arrival
    if (!String(request.headers.accept ?? '').includes('text/event-stream')) {
      return reject(arrival, 406, -32000, 'The client must accept text/event-stream.')
    }
    if (id === undefined) return reject(arrival, 400, -32000, 'The Mcp-Session-Id header is missing.')
    const session = pool.find(principal, id) ?? (await takeUp(principal, id))
    if (session === null) return reject(arrival, 404, -32001, 'Session not found')
    const row = opener.openRow(rowOpening(caller, request.method ?? 'GET', session.client))
    if (request.method === 'HEAD') {
      writeEventHeaders(response, session.id)
      response.end()
      row.close({ status: 200 })
      return
    }
    if (session.transport.openStream(response)) {
      row.close({ status: 200 })
      return
    }
    row.close({ status: 409, code: 'INVALID_REQUEST' })
    sendJsonRpcError(response, 409, null, -32000, 'This session already has an open event stream.')
  }

  function end(arrival: Arrival): void {
    const { response, caller, principal, id } = arrival
    const known =
      id !== undefined &&
      !pool.wasEnded(id) &&
      (pool.find(principal, id) !== null || ids.verify(principal, id) !== null)
    if (!known) return reject(arrival, 404, -32001, 'Session not found')
    const row = opener.openRow(rowOpening(caller, 'DELETE', pool.find(principal, id)?.client ?? null))
    pool.end(id)
    row.close({ status: 204 })
    response.writeHead(204).end()
  }

  return {
    async handle(request, response, caller, principal, body) {
      const header = request.headers['mcp-session-id']
      const id = typeof header === 'string' ? header : undefined
      const method = request.method === 'POST' ? methodOf(body) : (request.method ?? 'unknown')
      const arrival: Arrival = { request, response, caller, principal, id, body, method }
      const protocol = request.headers['mcp-protocol-version']
      if (protocol !== undefined && !sdk.SUPPORTED_PROTOCOL_VERSIONS.includes(String(protocol))) {
        const supported = sdk.SUPPORTED_PROTOCOL_VERSIONS.join(', ')
        return reject(arrival, 400, -32000, `Unsupported protocol version (supported: ${supported})`)
      }
      switch (request.method) {
        case 'POST':
          return post(arrival)
        case 'GET':
        case 'HEAD':
          return stream(arrival)
        case 'DELETE':
          return end(arrival)
        default:
          throw new HallpassError('METHOD_NOT_ALLOWED', 'This endpoint supports POST, GET and DELETE.')
      }
    },
  }
}
