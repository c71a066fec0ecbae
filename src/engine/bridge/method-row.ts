import { asHallpassError } from '../../contract/errors.ts'
import type { RequestLog } from '../log/request-log.ts'
import { openingOf, type Caller } from './caller.ts'
import { isWellFormedToolCall, type JsonRpcRequest } from './json-rpc.ts'

/** Closes the row of a JSON-RPC method; `message` is the answer, or null when the client went away before it. */
export type CloseMethodRow = (message: object | null, bytesOut?: number) => void

/**
 * Opens the log row of a JSON-RPC request, but for tool calls, which are logged where they are carried out.
 * Throws LOG_UNAVAILABLE, and what the principal's end throws (that refusal is logged).
 */
export function openMethodRow(log: RequestLog, caller: Caller, message: JsonRpcRequest, client: string | null): CloseMethodRow {
  if (isWellFormedToolCall(message)) return () => {}
  try {
    const row = log.open(openingOf(caller, caller.principal(), message.method, client))
    return (answer, bytesOut = 0) => {
      const failed = answer !== null && 'error' in answer
      row.close({
        status: answer === null ? 499 : failed ? 400 : 200,
        code: answer === null ? 'CLIENT_GONE' : failed ? 'INVALID_REQUEST' : null,
        bytes_in: caller.bytesIn,
        bytes_out: bytesOut,
      })
    }
  } catch (thrown) {
    const error = asHallpassError(thrown, caller.requestId)
    log.refused(openingOf(caller, null, message.method, client), { status: error.status, code: error.code, bytes_in: caller.bytesIn })
    throw error
  }
}
