import type { JsonObject } from '../text/json.ts'
import { McpUpstreamError, type ClientFacing } from './mcp-upstreams.ts'

const METHOD_NOT_FOUND = -32601

/**
 * Returns a client without folders (roots). A command that the owner started with certain folders must not get others from an
 * agent: server-filesystem, for example, serves the client's roots instead of the folders in its arguments.
 */
export function withoutRoots(client: ClientFacing): ClientFacing {
  return {
    ...client,
    capabilities: capabilitiesWithoutRoots(client.capabilities),
    async request(method, params, context) {
      if (method === 'roots/list')
        throw new McpUpstreamError(METHOD_NOT_FOUND, 'Hallpass shares no roots with commands.')
      return client.request(method, params, context)
    },
  }
}

export function capabilitiesWithoutRoots({ roots: _roots, ...capabilities }: JsonObject): JsonObject {
  return capabilities
}
