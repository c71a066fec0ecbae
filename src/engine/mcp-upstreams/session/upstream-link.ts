import { greet, WrongEra, type UpstreamFacts } from './handshake.ts'
import type { ClientFacing, McpEra } from '../mcp-upstreams.ts'
import { UpstreamFault, type MessagePipe } from './message-pipe.ts'
import { createRpcPeer, type PeerHandlers, type RpcPeer } from './rpc-peer.ts'

/** One conversation with an upstream, from its greeting on. */
export interface UpstreamLink {
  readonly peer: RpcPeer
  readonly pipe: MessagePipe
  readonly facts: UpstreamFacts
  close(): Promise<void>
}

export interface LinkOrder {
  prefers: McpEra
  client: Pick<ClientFacing, 'clientInfo' | 'capabilities'>
  handlers: PeerHandlers
  signal: AbortSignal
}

/** What is known of the eras an upstream speaks; null until it was asked. */
export type EraMemory = Record<McpEra, boolean | null>

/** Opens a link in the preferred era where the upstream speaks it, else in the other. `open` gives a fresh pipe each time. */
export async function openLink(
  order: LinkOrder,
  eras: EraMemory,
  open: () => Promise<MessagePipe>,
  timeoutMs: number,
): Promise<UpstreamLink> {
  const other: McpEra = order.prefers === 'modern' ? 'legacy' : 'modern'
  const wanted = [order.prefers, other].filter((era) => eras[era] !== false)
  let first: WrongEra | null = null
  for (const era of wanted.length === 0 ? [order.prefers, other] : wanted) {
    try {
      const link = await openIn(era, order, await open(), timeoutMs)
      eras[era] = true
      // Only an upstream that has answered in one era has shown that it does not speak the other.
      if (first !== null) eras[order.prefers] = false
      return link
    } catch (thrown) {
      if (!(thrown instanceof WrongEra)) throw thrown
      first ??= thrown
    }
  }
  throw first?.cause instanceof UpstreamFault
    ? first.cause
    : new UpstreamFault('protocol', `speaks no version of the protocol that Hallpass knows (${first?.message ?? ''})`)
}

async function openIn(
  era: McpEra,
  { client, handlers, signal }: LinkOrder,
  pipe: MessagePipe,
  timeoutMs: number,
): Promise<UpstreamLink> {
  const peer = createRpcPeer(pipe, handlers)
  try {
    // A probe that an older server leaves unanswered must leave time for the greeting that it understands.
    const facts = await greet(peer, pipe, era, client, era === 'modern' ? timeoutMs / 2 : timeoutMs, signal)
    return { peer, pipe, facts, close: () => peer.close(new UpstreamFault('unreachable', 'was closed')) }
  } catch (thrown) {
    await peer.close(new UpstreamFault('unreachable', 'was closed'))
    throw thrown
  }
}
