import { McpUpstreamError, type ClientFacing, type McpEra } from '../mcp-upstreams.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { UpstreamFault, type MessagePipe } from './message-pipe.ts'
import type { RpcPeer } from './rpc-peer.ts'

const LEGACY_VERSION = '2025-11-25'
export const MODERN_VERSION = '2026-07-28'
/** Older versions have fewer features, which the capabilities show. */
const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07']

const PREFIX = 'io.modelcontextprotocol/'
export const PROTOCOL_VERSION = `${PREFIX}protocolVersion`
const CLIENT_INFO = `${PREFIX}clientInfo`
const CLIENT_CAPABILITIES = `${PREFIX}clientCapabilities`
const LOG_LEVEL = `${PREFIX}logLevel`
const SERVER_INFO = `${PREFIX}serverInfo`

/** What an upstream declares about itself when its session starts. */
export interface UpstreamFacts {
  era: McpEra
  protocolVersion: string
  serverInfo: JsonObject | null
  capabilities: JsonObject
  instructions: string | null
}

/** The upstream doesn't support this protocol version. Other failures say nothing about that. */
export class WrongEra extends Error {}

/** Starts the conversation in one protocol version. Throws WrongEra, UpstreamFault or McpUpstreamError. */
export function greet(
  peer: RpcPeer,
  pipe: MessagePipe,
  era: McpEra,
  client: Pick<ClientFacing, 'clientInfo' | 'capabilities'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<UpstreamFacts> {
  return era === 'modern'
    ? discover(peer, client, timeoutMs, signal)
    : initialize(peer, pipe, client, timeoutMs, signal)
}

async function initialize(
  peer: RpcPeer,
  pipe: MessagePipe,
  client: Pick<ClientFacing, 'clientInfo' | 'capabilities'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<UpstreamFacts> {
  let result: JsonObject
  try {
    const params = { protocolVersion: LEGACY_VERSION, capabilities: client.capabilities, clientInfo: client.clientInfo }
    // The protocol forbids canceling initialize.
    result = await peer.request('initialize', params, { timeoutMs, signal, cancelBy: 'stream' })
  } catch (thrown) {
    if (thrown instanceof McpUpstreamError && saysWrongEra(thrown))
      throw new WrongEra(thrown.message, { cause: thrown })
    throw thrown
  }
  const { protocolVersion, serverInfo, capabilities, instructions } = result
  if (typeof protocolVersion !== 'string')
    throw new UpstreamFault('protocol', "didn't send a protocol version, so it doesn't seem to be an MCP server")
  if (!LEGACY_VERSIONS.includes(protocolVersion)) {
    throw new UpstreamFault(
      'protocol',
      `uses protocol version "${protocolVersion.slice(0, 40)}", which Hallpass doesn't support`,
    )
  }
  pipe.setProtocolVersion?.(protocolVersion)
  await peer.notify('notifications/initialized')
  return {
    era: 'legacy',
    protocolVersion,
    serverInfo: objectOf(serverInfo),
    capabilities: objectOf(capabilities) ?? {},
    instructions: typeof instructions === 'string' ? instructions : null,
  }
}

async function discover(
  peer: RpcPeer,
  client: Pick<ClientFacing, 'clientInfo' | 'capabilities'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<UpstreamFacts> {
  let result: JsonObject
  const params = enveloped(undefined, { ...client, logLevel: null })
  const ask = (): Promise<JsonObject> =>
    peer.request('server/discover', params, { timeoutMs, signal, cancelBy: 'stream' })
  try {
    result = await ask().catch((thrown: unknown) => {
      // If a server rejects the version but offers the same one, the protocol requires one more attempt.
      if (thrown instanceof McpUpstreamError && offersOurs(thrown)) return ask()
      throw thrown
    })
  } catch (thrown) {
    // Older servers reject an unknown method or version in many ways, so any error counts.
    if (thrown instanceof McpUpstreamError) throw new WrongEra(thrown.message, { cause: thrown })
    if (thrown instanceof UpstreamFault && mayBeOlder(thrown)) throw new WrongEra(thrown.message, { cause: thrown })
    throw thrown
  }
  const { supportedVersions, capabilities, instructions } = result
  if (!Array.isArray(supportedVersions) || !supportedVersions.includes(MODERN_VERSION))
    throw new WrongEra('offers no modern protocol version that Hallpass supports')
  const serverInfo = objectOf(objectOf(result['_meta'])?.[SERVER_INFO]) ?? objectOf(result['serverInfo'])
  return {
    era: 'modern',
    protocolVersion: MODERN_VERSION,
    serverInfo,
    capabilities: objectOf(capabilities) ?? {},
    instructions: typeof instructions === 'string' ? instructions : null,
  }
}

const UNSUPPORTED_VERSION = -32_022
const METHOD_NOT_FOUND = -32_601

function offersOurs({ code, data }: McpUpstreamError): boolean {
  const supported = objectOf(data)?.['supported']
  return code === UNSUPPORTED_VERSION && Array.isArray(supported) && supported.includes(MODERN_VERSION)
}

function saysWrongEra(error: McpUpstreamError): boolean {
  return (
    error.code === UNSUPPORTED_VERSION || error.code === METHOD_NOT_FOUND || /protocol version/i.test(error.message)
  )
}

/** No response, rejected credentials and redirects mean the same in both versions. */
function mayBeOlder({ reason, status }: UpstreamFault): boolean {
  if (status !== null) return status >= 400 && status !== 401 && status !== 403 && status !== 429
  return reason === 'protocol' || reason === 'crashed' || reason === 'timeout'
}

/** Returns the params of a modern request, each of which contains the client's info and capabilities. */
export function enveloped(
  params: JsonObject | undefined,
  client: { clientInfo: JsonObject; capabilities: JsonObject; logLevel: string | null },
): JsonObject {
  const meta: JsonObject = {
    ...objectOf(params?.['_meta']),
    [PROTOCOL_VERSION]: MODERN_VERSION,
    [CLIENT_INFO]: client.clientInfo,
    [CLIENT_CAPABILITIES]: client.capabilities,
  }
  if (client.logLevel !== null) meta[LOG_LEVEL] = client.logLevel
  return { ...params, _meta: meta }
}

/** Returns the params for a legacy upstream, without a modern client's envelope. */
export function unenveloped(params: JsonObject | undefined): JsonObject | undefined {
  const meta = objectOf(params?.['_meta'])
  if (meta === null || !Object.keys(meta).some((key) => ENVELOPE.has(key))) return params
  const rest = Object.fromEntries(Object.entries(meta).filter(([key]) => !ENVELOPE.has(key)))
  const { _meta, ...others } = params ?? {}
  return Object.keys(rest).length === 0 ? others : { ...others, _meta: rest }
}

const ENVELOPE: ReadonlySet<string> = new Set([PROTOCOL_VERSION, CLIENT_INFO, CLIENT_CAPABILITIES, LOG_LEVEL])
