import { objectOf, type JsonObject } from '../text/json.ts'
import { McpUpstreamError, type ClientFacing, type McpRequestOptions } from './mcp-upstreams.ts'

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
      if (method === 'roots/list') throw noRoots()
      return client.request(method, params, context)
    },
  }
}

function capabilitiesWithoutRoots({ roots: _roots, ...capabilities }: JsonObject): JsonObject {
  return capabilities
}

/** Returns a request without the roots that a client without sessions declares or provides in it. */
export function sentWithoutRoots(
  params: JsonObject | undefined,
  options: McpRequestOptions,
): { params: JsonObject | undefined; options: McpRequestOptions } {
  const { capabilities } = options
  const responses = objectOf(params?.['inputResponses'])
  const others = Object.entries(responses ?? {}).filter(([, response]) => objectOf(response)?.['roots'] === undefined)
  return {
    params: responses === null ? params : { ...params, inputResponses: Object.fromEntries(others) },
    options:
      capabilities === undefined ? options : { ...options, capabilities: capabilitiesWithoutRoots(capabilities) },
  }
}

/** Throws for a result that asks the client for its roots. */
export function requireNoRoots(result: JsonObject): void {
  const requests = Object.values(objectOf(result['inputRequests']) ?? {})
  if (requests.some((each) => objectOf(each)?.['method'] === 'roots/list')) throw noRoots()
}

function noRoots(): McpUpstreamError {
  return new McpUpstreamError(METHOD_NOT_FOUND, 'Hallpass shares no roots with commands.')
}
