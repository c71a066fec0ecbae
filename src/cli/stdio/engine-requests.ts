import { keyOf, messageLine, paramsOf, type Message } from './message.ts'

/**
 * The engine's requests to the client, such as a form to fill in. A new engine starts counting its IDs again, so the
 * client sees other IDs, and an answer to an old engine can't reach the new one.
 */
interface EngineRequests {
  /** Returns the line of a request or cancellation for the client. */
  toClient(message: Message): Buffer
  /** Returns the line of a client's answer for the engine, or null if nobody is waiting for it. */
  toEngine(message: Message): Buffer | null
  /** Drops the open requests and returns cancellations for the client. */
  lost(): Buffer[]
}

export function createEngineRequests(): EngineRequests {
  /** Keyed by the ID that the client sees. */
  const open = new Map<string, { shown: unknown; own: unknown }>()
  let nextId = 0
  let isFirstEngine = true

  return {
    toClient(message) {
      if (message.kind === 'request') {
        const own = message.body?.['id']
        if (typeof own === 'number') nextId = Math.max(nextId, own + 1)
        const shown = isFirstEngine ? own : nextId++
        open.set(keyOf(shown), { shown, own })
        return isFirstEngine ? message.line : messageLine({ ...message.body, id: shown })
      }
      const params = paramsOf(message)
      const canceled = [...open].find(([, { own }]) => keyOf(own) === keyOf(params['requestId']))
      if (canceled === undefined) return message.line
      open.delete(canceled[0])
      return isFirstEngine
        ? message.line
        : messageLine({ ...message.body, params: { ...params, requestId: canceled[1].shown } })
    },
    toEngine(message) {
      const request = open.get(message.key)
      if (request === undefined) return null
      open.delete(message.key)
      return request.own === request.shown ? message.line : messageLine({ ...message.body, id: request.own })
    },
    lost() {
      const cancellations = [...open.values()].map(({ shown }) =>
        messageLine({
          method: 'notifications/cancelled',
          params: { requestId: shown, reason: 'The Hallpass engine stopped.' },
        }),
      )
      open.clear()
      isFirstEngine = false
      return cancellations
    },
  }
}
