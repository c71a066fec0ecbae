import type { JsonObject } from '../../text/json.ts'
import type { ClientFacing, McpRequestOptions } from '../mcp-upstreams.ts'
import { enveloped, unenveloped } from './handshake.ts'
import { paramHeaders } from './param-headers.ts'
import { logLevelOf } from './take-up.ts'
import type { PeerRequestOptions } from './rpc-peer.ts'
import type { UpstreamLink } from './upstream-link.ts'

const SILENCE_MS = 300_000

/** Returns a client's request as the protocol version of an open link requires it. */
export function peerRequest(
  link: UpstreamLink,
  request: {
    params: JsonObject | undefined
    options: McpRequestOptions
    /** Input schema of the called tool, if known. */
    schema: unknown
    client: Pick<ClientFacing, 'clientInfo' | 'capabilities'>
    /** Level that the client set earlier. A level in the request itself takes precedence. */
    logLevel: Parameters<typeof enveloped>[1]['logLevel']
  },
): { params: JsonObject | undefined; options: PeerRequestOptions } {
  const { params, options, schema, client } = request
  const isModern = link.facts.era === 'modern'
  const asker = {
    clientInfo: options.clientInfo ?? client.clientInfo,
    capabilities: options.capabilities ?? client.capabilities,
    logLevel: logLevelOf(params) ?? request.logLevel,
  }
  const headers =
    isModern && link.pipe.perRequestStream && schema !== undefined ? paramHeaders(schema, params?.['arguments']) : {}
  return {
    params: isModern ? enveloped(params, asker) : unenveloped(params),
    options: {
      timeoutMs: options.timeoutMs ?? SILENCE_MS,
      onProgress: options.onProgress,
      handle: options.handle ?? null,
      headers,
      cancelBy: isModern && link.pipe.perRequestStream ? 'stream' : 'notify',
      ...(options.signal === undefined ? {} : { signal: options.signal }),
    },
  }
}
