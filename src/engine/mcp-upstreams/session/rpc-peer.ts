import { LightAbort, type AnySignal } from '../../interruption.ts'
import { McpUpstreamError, type McpCallHandle } from '../mcp-upstreams.ts'
import { RunningMap } from '../../running/running-map.ts'
import { exactJson } from '../../text/exact-json.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { UpstreamFault, type MessagePipe } from './message-pipe.ts'
import { codeOf, rpcErrorOf, rpcOf, withToken } from './rpc-messages.ts'

export interface PeerRequestOptions {
  signal?: AnySignal
  onProgress?: ((progress: JsonObject) => void) | undefined
  handle?: McpCallHandle
  timeoutMs: number
  headers?: Readonly<Record<string, string>>
  /** How a request is canceled upstream: by a message (`notify`), or by ending its exchange (`stream`). */
  cancelBy: 'notify' | 'stream'
}

export interface PeerHandlers {
  request(
    method: string,
    params: JsonObject | undefined,
    context: { signal: AbortSignal; during: McpCallHandle | null },
  ): Promise<JsonObject>
  notify(method: string, params: JsonObject | undefined, during: McpCallHandle | null): void
  closed(fault: UpstreamFault): void
}

export interface RpcPeer {
  /** Returns the raw result. Throws McpUpstreamError, UpstreamFault, or the signal's reason. */
  request(method: string, params: JsonObject | undefined, options: PeerRequestOptions): Promise<JsonObject>
  notify(method: string, params?: JsonObject): Promise<void>
  readonly running: number
  /**
   * Time when its last request ended, in milliseconds of the monotonic clock. Null while either side has one running.
   */
  readonly quietSince: number | null
  close(fault: UpstreamFault): Promise<void>
}

interface Pending {
  resolve(result: JsonObject): void
  reject(reason: unknown): void
  onProgress: ((progress: JsonObject) => void) | undefined
  handle: McpCallHandle
  alive(): void
}

/** IDs of an upstream's requests can exceed 2^53 and are returned exactly. */
type UpstreamId = string | number | bigint

function isId(id: unknown): id is UpstreamId {
  return typeof id === 'string' || typeof id === 'number' || typeof id === 'bigint'
}

/** Returns the number of one of our requests, or NaN. An upstream can send any value, and converting an object can throw. */
function ownId(id: unknown): number {
  return isId(id) ? Number(id) : NaN
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : exactJson(message ?? '')
}

/** JSON-RPC over one pipe. IDs and progress tokens belong to this hop, everything else passes through uninterpreted. */
export function createRpcPeer(pipe: MessagePipe, handlers: PeerHandlers, now: () => number): RpcPeer {
  const pending = new RunningMap<number, Pending>()
  const incoming = new Map<UpstreamId, AbortController>()
  let nextId = 1
  let quietSince = now()
  let fault: UpstreamFault | null = null

  function during(): McpCallHandle | null {
    const [only] = pending.size === 1 ? pending.entries() : []
    return only?.[1].handle ?? null
  }

  function end(reason: UpstreamFault): void {
    if (fault !== null) return
    fault = reason
    for (const [, one] of pending.take()) one.reject(reason)
    for (const controller of incoming.values()) controller.abort(reason)
    incoming.clear()
  }

  /** A request of the upstream may wait for a person, and that time doesn't count as silence of the upstream. */
  function keepWaiting(): void {
    for (const [, one] of pending.entries()) one.alive()
  }

  async function answer(id: UpstreamId, method: string, params: JsonObject | undefined): Promise<void> {
    const controller = new AbortController()
    incoming.set(id, controller)
    keepWaiting()
    let reply: JsonObject
    try {
      reply = {
        jsonrpc: '2.0',
        id,
        result: await handlers.request(method, params, { signal: controller.signal, during: during() }),
      }
    } catch (thrown) {
      reply = { jsonrpc: '2.0', id, error: rpcErrorOf(thrown, method) }
    }
    incoming.delete(id)
    keepWaiting()
    // The protocol forbids a response to a canceled request. If the pipe broke, all pending requests have already
    // failed.
    if (!controller.signal.aborted && fault === null) await pipe.send(reply).catch(() => undefined)
  }

  function settle(message: JsonObject): void {
    const one = pending.get(ownId(message['id']))
    if (one === undefined) return
    pending.delete(ownId(message['id']))
    const error = objectOf(message['error'])
    if (error !== null) one.reject(new McpUpstreamError(codeOf(error['code']), textOf(error['message']), error['data']))
    else if (objectOf(message['result']) !== null) one.resolve(message['result'] as JsonObject)
    else one.reject(new UpstreamFault('protocol', 'returned neither a result nor an error'))
  }

  function notified(method: string, params: JsonObject | undefined): void {
    if (method === 'notifications/progress' && params !== undefined) {
      const { progressToken, ...progress } = params
      const one = pending.get(ownId(progressToken))
      one?.alive()
      if (one?.onProgress !== undefined) one.onProgress(progress)
      return
    }
    if (method === 'notifications/cancelled') {
      const id = params?.['requestId']
      if (isId(id)) incoming.get(id)?.abort(new Error('The upstream canceled its request.'))
      return
    }
    handlers.notify(method, params, during())
  }

  pipe.onMessage = (message) => {
    const { id, method } = message
    const params = objectOf(message['params']) ?? undefined
    if (typeof method !== 'string') settle(message)
    else if (isId(id)) void answer(id, method, params)
    else notified(method, params)
  }
  pipe.onClosed = (reason) => {
    end(reason)
    handlers.closed(reason)
  }

  return {
    get running() {
      return pending.size
    },
    get quietSince() {
      return pending.size > 0 || incoming.size > 0 ? null : quietSince
    },
    request(method, params, options) {
      const { signal, timeoutMs, cancelBy } = options
      if (signal?.aborted === true) return Promise.reject(signal.reason as Error)
      if (fault !== null) return Promise.reject(fault)
      const id = nextId++
      // Without a stream per request, nothing listens to it.
      const exchange = pipe.perRequestStream ? new LightAbort() : null
      return new Promise<JsonObject>((resolve, reject) => {
        let timer: NodeJS.Timeout | undefined
        const finish = (): void => {
          clearTimeout(timer)
          signal?.removeEventListener('abort', aborted)
          pending.delete(id)
          quietSince = now()
        }
        const giveUp = (reason: unknown): void => {
          if (!pending.has(id)) return
          finish()
          reject(reason as Error)
          // Either of the two reaches the upstream, which ignores it if the request has already finished.
          if (cancelBy === 'notify')
            void pipe
              .send({
                jsonrpc: '2.0',
                method: 'notifications/cancelled',
                params: { requestId: id, reason: 'The client gave up.' },
              })
              .catch(() => undefined)
          exchange?.abort(reason)
        }
        const aborted = (): void => giveUp(signal?.reason)
        const alive = (): void => {
          clearTimeout(timer)
          if (incoming.size > 0) return
          timer = setTimeout(
            () =>
              giveUp(
                new UpstreamFault('timeout', `didn't respond to ${method} within ${Math.round(timeoutMs / 1000)} s`),
              ),
            timeoutMs,
          )
          timer.unref()
        }
        alive()
        signal?.addEventListener('abort', aborted)
        pending.set(id, {
          resolve: (result) => {
            finish()
            resolve(result)
          },
          reject: (reason) => {
            finish()
            reject(reason as Error)
          },
          onProgress: options.onProgress,
          handle: options.handle,
          alive,
        })
        const message = {
          jsonrpc: '2.0',
          id,
          method,
          ...withToken(params, options.onProgress === undefined ? null : id),
        }
        const fail = (thrown: unknown): void => {
          const one = pending.get(id)
          one?.reject(thrown instanceof UpstreamFault && thrown.rpcError !== null ? rpcOf(thrown) : thrown)
        }
        pipe
          .send(message, {
            ...(exchange === null ? {} : { signal: exchange }),
            onEnd() {
              // Nearly always after the response, so the error, with its stack, is created only if needed.
              if (pending.has(id))
                fail(new UpstreamFault('unreachable', `closed the connection without responding to ${method}`))
            },
            ...(options.headers === undefined ? {} : { headers: options.headers }),
          })
          .catch(fail)
      })
    },
    async notify(method, params) {
      if (fault !== null) return
      await pipe.send({ jsonrpc: '2.0', method, ...(params === undefined ? {} : { params }) })
    },
    async close(reason) {
      end(reason)
      await pipe.close()
    },
  }
}
