import type { Server, ServerContext } from '@modelcontextprotocol/server'
import { asHallpassError } from '../../contract/errors.ts'
import type { DocumentCalls } from '../connections/document-calls.ts'
import type { RequestLog } from '../log/request-log.ts'
import { clientName, openingOf, type Caller } from './caller.ts'
import { INSTRUCTIONS } from './instructions.ts'
import type { ToolCalls } from './tool-calls.ts'
import type { ToolLists } from './tool-list.ts'

export type ServerSdk = typeof import('@modelcontextprotocol/server')

export interface ClientServerParts {
  sdk: ServerSdk
  calls: DocumentCalls
  log: RequestLog
  toolLists: ToolLists
  toolCalls: ToolCalls
  version: string
}

/**
 * A server for one client, never shared: replies of one client must have no way to another (CVE-2026-25536).
 * `callerOf` answers who sent the request that is being handled.
 */
export function createClientServer(parts: ClientServerParts, callerOf: (context: ServerContext) => Caller): Server {
  const { sdk, calls, log, toolLists, toolCalls, version } = parts
  const server = new sdk.Server(
    { name: 'hallpass', title: 'Hallpass', version },
    { capabilities: { tools: {} }, instructions: INSTRUCTIONS },
  )

  server.setRequestHandler('tools/list', (_request, context) => {
    const caller = callerOf(context)
    try {
      const principal = caller.principal()
      return { tools: toolLists.of(calls.documents(principal), principal.grants.length > 0) }
    } catch (thrown) {
      const error = asHallpassError(thrown, caller.requestId)
      throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InternalError, error.message, { code: error.code })
    }
  })

  server.setRequestHandler('tools/call', async (request, context) => {
    const caller = callerOf(context)
    const client = clientName(server.getClientVersion())
    const { name, arguments: args = {} } = request.params
    const signal = AbortSignal.any([context.mcpReq.signal, caller.gone])
    caller.handedOver = true
    const result = await toolCalls.run({ name, args, caller, client, signal })
    if (result !== null) return result
    log.refused(openingOf(caller, 'tools/call', client), { status: 400, code: 'INVALID_REQUEST', bytes_in: caller.bytesIn })
    throw new sdk.ProtocolError(sdk.ProtocolErrorCode.InvalidParams, `Unknown tool: ${name.slice(0, 100)}`)
  })

  return server
}
