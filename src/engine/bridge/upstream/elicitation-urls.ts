import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'

/** JSON-RPC error by which a server asks for addresses to be opened before it carries a call out. */
export const URL_ELICITATION_REQUIRED = -32042

/**
 * Whether a client may be asked to open an address: a web page, without credentials in front of its host, where a name such as
 * `https://bank.example@evil.example` shows another host than it opens.
 */
export function isSafeToOpen(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false
  const { protocol, username, password } = new URL(url)
  return (
    (protocol === 'https:' || protocol === 'http:') &&
    username === '' &&
    password === '' &&
    !/^[^/?#]*\/\/[^/?#]*@/.test(url)
  )
}

/** Throws for a request of an upstream that would show its client an address of another kind. */
export function requireSafeElicitation(method: string, params: JsonObject | undefined): void {
  if (method === 'elicitation/create' && params?.['mode'] === 'url' && !isSafeToOpen(params['url'])) throw unsafeUrl()
}

/** The same for the inputs that a result asks for. */
export function requireSafeInputs({ resultType, inputRequests }: JsonObject): void {
  if (resultType !== 'input_required') return
  for (const input of Object.values(objectOf(inputRequests) ?? {})) {
    const { method, params } = objectOf(input) ?? {}
    requireSafeElicitation(String(method), objectOf(params) ?? undefined)
  }
}

/** Returns the error to pass on: one that asks for unsafe addresses to be opened is replaced, since it would carry them along. */
export function safeError(error: McpUpstreamError): McpUpstreamError {
  if (error.code !== URL_ELICITATION_REQUIRED) return error
  const { elicitations } = objectOf(error.data) ?? {}
  const isSafe = Array.isArray(elicitations) && elicitations.every((each) => isSafeToOpen(objectOf(each)?.['url']))
  return isSafe ? error : unsafeUrl()
}

function unsafeUrl(): McpUpstreamError {
  return new McpUpstreamError(
    -32602,
    'The MCP server asked to open an address that is not a plain http or https address. Hallpass does not show it.',
    { reason: 'unsafe_url' },
  )
}
