import { setTimeout as sleep } from 'node:timers/promises'
import { abortSignalOf, type AnySignal } from '../../interruption.ts'
import { objectOf, type JsonObject } from '../../text/json.ts'
import { UpstreamFault } from './message-pipe.ts'

const MAX_ROUNDS = 10
const PACE_MS = 250

export function needsInput(result: JsonObject): boolean {
  return result['resultType'] === 'input_required'
}

/**
 * Completes a call for a client that can't handle required inputs: sends each as a request to the client, then repeats
 * the call with the answers.
 */
export async function fulfilled(
  first: JsonObject,
  params: JsonObject | undefined,
  ask: (method: string, params: JsonObject | undefined, signal: AbortSignal) => Promise<JsonObject>,
  again: (params: JsonObject) => Promise<JsonObject>,
  interruption: AnySignal | undefined,
): Promise<JsonObject> {
  const signal = interruption === undefined ? undefined : abortSignalOf(interruption)
  let result = first
  for (let round = 0; needsInput(result); round += 1) {
    if (round === MAX_ROUNDS) throw new UpstreamFault('protocol', `still asked for input after ${MAX_ROUNDS} rounds`)
    const requests = Object.entries(objectOf(result['inputRequests']) ?? {})
    const together = new AbortController()
    const both = signal === undefined ? together.signal : AbortSignal.any([signal, together.signal])
    let responses: JsonObject = {}
    try {
      responses = Object.fromEntries(
        await Promise.all(requests.map(async ([key, request]) => [key, await requestedInputs(request, both)] as const)),
      )
    } finally {
      // If one fails, the others are canceled, because nobody would read their answers.
      together.abort()
    }
    if (requests.length === 0) await sleep(PACE_MS, undefined, signal === undefined ? {} : { signal })
    const { requestState } = result
    result = await again({
      ...params,
      ...(requests.length === 0 ? {} : { inputResponses: responses }),
      ...(requestState === undefined ? {} : { requestState }),
    })
  }
  return result

  function requestedInputs(request: unknown, both: AbortSignal): Promise<JsonObject> {
    const { method, params: inner } = objectOf(request) ?? {}
    if (typeof method !== 'string') throw new UpstreamFault('protocol', 'asked for input without saying which')
    return ask(method, objectOf(inner) ?? undefined, both)
  }
}
