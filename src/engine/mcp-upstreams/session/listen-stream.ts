import { MODERN_VERSION } from './handshake.ts'
import type { JsonObject } from '../../text/json.ts'
import type { RpcPeer } from './rpc-peer.ts'

const FOR_EVER_MS = 2 ** 31 - 1

/** The subscriptions of a legacy client, kept as one listen stream to a modern upstream. */
export interface ListenStream {
  /**
   * Opens, changes or closes the stream to match the filter. Never rejects: what the upstream rejects, it won't send.
   */
  listen(filter: JsonObject): void
  end(): void
}

export function createListenStream(
  peer: RpcPeer,
  envelope: (params: JsonObject) => JsonObject,
  perRequestStream: boolean,
): ListenStream {
  let current: AbortController | null = null
  let shown = '{}'
  return {
    listen(filter) {
      const wanted = JSON.stringify(filter)
      if (wanted === shown) return
      shown = wanted
      const former = current
      current = null
      if (wanted !== '{}') {
        const controller = new AbortController()
        current = controller
        peer
          .request('subscriptions/listen', envelope({ notifications: filter }), {
            signal: controller.signal,
            timeoutMs: FOR_EVER_MS,
            cancelBy: perRequestStream ? 'stream' : 'notify',
          })
          .catch(() => undefined)
          .finally(() => {
            // The stream ended. The next call with any filter reopens it.
            if (current === controller) shown = '{}'
          })
      }
      // Aborted after the new one was sent, so that nothing in between is missed.
      former?.abort(new Error(`A new stream of ${MODERN_VERSION} listens.`))
    },
    end() {
      current?.abort(new Error('The session ends.'))
      current = null
    },
  }
}
