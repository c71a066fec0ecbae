import type { JsonObject } from '../../../text/json.ts'
import type { Turn } from '../client-turn.ts'

interface Ask {
  method: string
  params: JsonObject | undefined
  answer(result: JsonObject): void
  reject(reason: unknown): void
}

/** The current state of a call without a session: its result, or inputs that the client must provide first. */
type Leg = { done: true; result: JsonObject } | { done: false; inputRequests: JsonObject }

/**
 * Bridges a call between an upstream that sends requests during it and a client that can only be asked in a response
 * (2026-07-28). The upstream's call stays open while the client collects the inputs and sends its request again.
 */
export interface HeldCall extends Turn {
  /** Runs until the call ends or the upstream asks for input. Rejects with the call's error or the signal's reason. */
  next(signal: AbortSignal, tell: Turn['tell']): Promise<Leg>
  /** Answers pending requests. Those without an answer stay open and are asked again. */
  answer(responses: JsonObject): void
  /** Cancels the call upstream. */
  drop(reason: unknown): void
  readonly ended: boolean
}

export function createHeldCall(start: (turn: Turn, signal: AbortSignal) => Promise<JsonObject>): HeldCall {
  const controller = new AbortController()
  const asks = new Map<string, Ask>()
  let requested = 0
  let wake = (): void => {}
  let tellNow: Turn['tell'] | null = null
  let end: { result: JsonObject } | { error: unknown } | null = null

  const call: HeldCall = {
    ask(method, params, signal) {
      return new Promise((resolve, reject) => {
        requested += 1
        const key = `${method.split('/')[0]}-${requested}`
        asks.set(key, { method, params, answer: resolve, reject })
        signal.addEventListener(
          'abort',
          () => {
            asks.delete(key)
            reject(signal.reason as Error)
          },
          { once: true },
        )
        wake()
      })
    },
    tell: (method, params) => tellNow?.(method, params),
    async next(signal, tell) {
      tellNow = tell
      const onGone = (): void => call.drop(signal.reason)
      signal.addEventListener('abort', onGone, { once: true })
      if (signal.aborted) onGone()
      try {
        while (end === null && asks.size === 0) {
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
        if (end === null) return { done: false, inputRequests: requestsOf(asks) }
        if ('error' in end) throw end.error
        return { done: true, result: end.result }
      } finally {
        tellNow = null
        signal.removeEventListener('abort', onGone)
      }
    },
    answer(responses) {
      for (const [key, ask] of asks) {
        const response = responses[key]
        if (typeof response !== 'object' || response === null) continue
        asks.delete(key)
        ask.answer(response as JsonObject)
      }
    },
    drop: (reason) => controller.abort(reason),
    get ended() {
      return end !== null
    },
  }

  start(call, controller.signal)
    .then(
      (result) => {
        end = { result }
      },
      (error: unknown) => {
        end = { error }
      },
    )
    .finally(() => {
      for (const ask of asks.values()) ask.reject(new Error('The call ended.'))
      asks.clear()
      wake()
    })
  return call
}

function requestsOf(asks: ReadonlyMap<string, Ask>): JsonObject {
  return Object.fromEntries(
    [...asks].map(([key, { method, params }]) => {
      // These fields belong to requests on the wire, not to a result.
      const { _meta: _, task: _task, elicitationId: _id, ...request } = params ?? {}
      return [key, { method, params: request }]
    }),
  )
}
