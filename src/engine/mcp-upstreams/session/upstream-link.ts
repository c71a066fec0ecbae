import { greet, WrongEra, type UpstreamFacts } from './handshake.ts'
import type { ClientFacing, McpEra } from '../mcp-upstreams.ts'
import { UpstreamFault, type MessagePipe } from './message-pipe.ts'
import { createRpcPeer, type PeerHandlers, type RpcPeer } from './rpc-peer.ts'

/** One conversation with an upstream, after the handshake. */
export interface UpstreamLink {
  readonly peer: RpcPeer
  readonly pipe: MessagePipe
  readonly facts: UpstreamFacts
  close(): Promise<void>
}

export interface LinkRequest {
  prefers: McpEra
  client: Pick<ClientFacing, 'clientInfo' | 'capabilities'>
  /** Key of the token that the sessions of a connection are shared by, or undefined for Hallpass itself. */
  owner?: string | undefined
  handlers: PeerHandlers
  signal: AbortSignal
}

/** Which protocol versions an upstream supports. Null until tried. */
export type EraMemory = Record<McpEra, boolean | null>

/**
 * Opens a link in the preferred protocol version if the upstream supports it, otherwise in the other. `open` returns a
 * new pipe each time.
 */
export async function openLink(
  request: LinkRequest,
  eras: EraMemory,
  open: () => Promise<MessagePipe>,
  timeoutMs: number,
  now: () => number,
): Promise<UpstreamLink> {
  const other: McpEra = request.prefers === 'modern' ? 'legacy' : 'modern'
  const wanted = [request.prefers, other].filter((era) => eras[era] !== false)
  let first: WrongEra | null = null
  for (const era of wanted.length === 0 ? [request.prefers, other] : wanted) {
    try {
      const link = await openIn(era, request, await open(), timeoutMs, now)
      eras[era] = true
      // Only an upstream that responded in one version has shown that it doesn't support the other.
      if (first !== null) eras[request.prefers] = false
      return link
    } catch (thrown) {
      if (!(thrown instanceof WrongEra)) throw thrown
      first ??= thrown
    }
  }
  throw first?.cause instanceof UpstreamFault
    ? first.cause
    : new UpstreamFault(
        'protocol',
        `doesn't support any protocol version that Hallpass supports (${first?.message ?? ''})`,
      )
}

async function openIn(
  era: McpEra,
  { client, handlers, signal }: LinkRequest,
  pipe: MessagePipe,
  timeoutMs: number,
  now: () => number,
): Promise<UpstreamLink> {
  const peer = createRpcPeer(pipe, handlers, now)
  try {
    // If an older server ignores the first attempt, there must be time for the handshake that it understands.
    const facts = await greet(peer, pipe, era, client, era === 'modern' ? timeoutMs / 2 : timeoutMs, signal)
    return { peer, pipe, facts, close: () => peer.close(new UpstreamFault('unreachable', 'was closed')) }
  } catch (thrown) {
    await peer.close(new UpstreamFault('unreachable', 'was closed'))
    throw thrown
  }
}
