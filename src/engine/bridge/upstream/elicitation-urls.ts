import { McpUpstreamError } from '../../mcp-upstreams/mcp-upstreams.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'

/** JSON-RPC error with which a server asks to open URLs before it executes a call. */
export const URL_ELICITATION_REQUIRED = -32042

/**
 * Returns whether a client may be asked to open a URL: a web page without credentials before the host, because
 * `https://bank.example@evil.example` appears to be another host than it is.
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

/** Throws for an upstream's request that would show its client any other URL. */
export function requireSafeElicitation(method: string, params: JsonObject | undefined): void {
  if (method === 'elicitation/create' && params?.['mode'] === 'url' && !isSafeToOpen(params['url'])) throw unsafeUrl()
}

/** Like `requireSafeElicitation`, for the inputs that a result asks for. */
export function requireSafeInputs({ resultType, inputRequests }: JsonObject): void {
  if (resultType !== 'input_required') return
  for (const input of Object.values(objectOf(inputRequests) ?? {})) {
    const { method, params } = objectOf(input) ?? {}
    requireSafeElicitation(String(method), objectOf(params) ?? undefined)
  }
}

/** Returns the error to pass on. One that asks to open unsafe URLs is replaced, because it would contain them. */
export function safeError(error: McpUpstreamError): McpUpstreamError {
  if (error.code !== URL_ELICITATION_REQUIRED) return error
  const { elicitations } = objectOf(error.data) ?? {}
  const isSafe = Array.isArray(elicitations) && elicitations.every((each) => isSafeToOpen(objectOf(each)?.['url']))
  return isSafe ? error : unsafeUrl()
}

function unsafeUrl(): McpUpstreamError {
  return new McpUpstreamError(
    -32602,
    "The MCP server asked to open a URL that isn't a plain http or https URL, so Hallpass rejected it.",
    { reason: 'unsafe_url' },
  )
}
