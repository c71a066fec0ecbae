import { HallpassError } from '../../../contract/errors.ts'
import type { CallOpener } from '../../calls/open-call.ts'
import type { RequestLog, RequestOutcome } from '../../log/request-log.ts'
import { callOf, rowOpening, type Caller } from '../caller.ts'
import type { JsonRpcRequest } from '../serve/json-rpc.ts'

/**
 * Closes the row of a JSON-RPC method. `message` is the response, a HallpassError, or null if the client disconnected
 * first.
 */
export type CloseMethodRow = (message: object | null, bytesOut?: number) => void

/** Methods that are logged where they are executed, with their subject. */
const CARRIED_OUT: ReadonlySet<string> = new Set([
  'tools/call',
  'prompts/get',
  'resources/read',
  'resources/subscribe',
  'resources/unsubscribe',
  'completion/complete',
])

/**
 * Opens the log row of a JSON-RPC request. Methods in `CARRIED_OUT` get a row here only if they are rejected before
 * they are executed. Throws LOG_UNAVAILABLE, or the error for an ended principal (which is logged).
 */
export function openMethodRow(
  { opener, log }: { opener: CallOpener; log: RequestLog },
  caller: Caller,
  message: JsonRpcRequest,
  client: string | null,
): CloseMethodRow {
  if (CARRIED_OUT.has(message.method)) {
    return (answer, bytesOut) => {
      // Canceled before it was executed. The execution still logs how it ended.
      if (answer === null) return
      if (!caller.handedOver)
        log.rejected(rowOpening(caller, message.method, client), outcomeOf(caller, answer, bytesOut))
    }
  }
  const running = opener.open(callOf(caller, message.method, client))
  return (answer, bytesOut) => running.finish(outcomeOf(caller, answer, bytesOut))
}

function outcomeOf(caller: Caller, answer: object | null, bytesOut = 0): RequestOutcome {
  if (answer instanceof HallpassError)
    return { status: answer.status, code: answer.code, bytes_in: caller.bytesIn, bytes_out: bytesOut }
  const failed = answer !== null && 'error' in answer
  return {
    status: answer === null ? 499 : failed ? 400 : 200,
    code: answer === null ? 'CLIENT_GONE' : failed ? 'INVALID_REQUEST' : null,
    bytes_in: caller.bytesIn,
    bytes_out: bytesOut,
  }
}
