import { asHallpassError, HallpassError } from '../../contract/errors.ts'
import type { Access } from '../access/access.ts'
import type { Principal } from '../access/principal.ts'
import { McpUpstreamError } from '../mcp-upstreams/mcp-upstreams.ts'
import type { RequestLog, RequestOutcome } from '../log/request-log.ts'
import { openingOf, type Caller } from '../bridge/caller.ts'
import { cleanText } from '../text/clean-text.ts'

/** A request that goes to an upstream, as it is logged and judged. */
export interface UpstreamOrder {
  connection: string
  /** Tool name as the client sees it, or the method. */
  method: string
  /** URI, or null. */
  resource: string | null
  caller: Caller
  client: string | null
  /** Aborted when the client cancels or goes away. */
  signal: AbortSignal
  /** Throws UNAUTHORIZED. */
  authorise(principal: Principal): void
}

export interface OpenUpstreamRequest {
  principal: Principal
  /** Aborted when the token ends, the connection is taken away from it, or Hallpass stops; not by the client. */
  cut: AbortSignal
  /** Throws when the token ended since, or all is paused. */
  check(): void
  /** Closes the row. */
  finish(outcome: RequestOutcome): void
  /** Closes the row as failed and answers what to throw. */
  fail(thrown: unknown): unknown
  /** The request no longer counts as running. Called by itself when the row is closed, unless it was `kept`. */
  leave(): void
  /** It goes on after its row: the upstream waits for an answer of the client. */
  keep(): void
}

export interface UpstreamRequests {
  /** Identifies again, decides, registers, opens the row: nothing reaches an upstream before this returned. Refusals are logged. */
  open(order: UpstreamOrder): OpenUpstreamRequest
}

/** What the log says of a caller who went away before the answer; the number is nginx's. */
const CLIENT_GONE = { status: 499, code: 'CLIENT_GONE' } as const
/** JSON-RPC errors by which an upstream says that the request itself was at fault. */
const CALLERS_FAULT = new Set([-32600, -32601, -32602, -32002, -32021, -32042])

export function createUpstreamRequests(parts: {
  access: Access
  log: RequestLog
  stopping: AbortSignal
  onInternalError: (requestId: string, cause: unknown) => void
}): UpstreamRequests {
  const { access, log, stopping, onInternalError } = parts

  return {
    open(order) {
      const { caller, client, connection, signal } = order
      const taken = new AbortController()
      let principal = caller.asked
      const opening = () => ({
        ...openingOf(caller, order.method, client, principal),
        connection,
        resource: order.resource === null ? null : cleanText(order.resource, 200),
      })
      let leave: () => void
      try {
        principal = access.refresh(caller.principal())
        order.authorise(principal)
        leave = access.enter(principal, { connection, controller: taken })
      } catch (thrown) {
        const error = asHallpassError(thrown, caller.requestId)
        log.refused(opening(), { status: error.status, code: error.code, bytes_in: caller.bytesIn })
        throw error
      }
      let row: ReturnType<RequestLog['open']>
      try {
        row = log.open(opening())
      } catch (thrown) {
        leave()
        throw thrown
      }
      let kept = false
      const finish = (outcome: RequestOutcome): void => {
        if (!kept) leave()
        row.close({ bytes_in: caller.bytesIn, ...outcome })
      }

      /** An abort says why by which signal fired. */
      function explain(thrown: unknown): HallpassError {
        const cause = { cause: thrown }
        if (principal.signal.aborted)
          return new HallpassError('TOKEN_EXPIRED', 'The token ended while the request was running.', cause)
        if (taken.signal.aborted) {
          return new HallpassError(
            'UNAUTHORIZED',
            `Document not in scope: “${connection}” was taken away while the request was running.`,
            cause,
          )
        }
        if (stopping.aborted)
          return new HallpassError('UPSTREAM_ERROR', 'Hallpass is stopping; the request was cut off.', cause)
        return asHallpassError(thrown, caller.requestId)
      }

      return {
        principal,
        cut: AbortSignal.any([principal.signal, taken.signal, stopping]),
        check: () => void access.refresh(principal),
        finish,
        leave,
        keep: () => {
          kept = true
        },
        fail(thrown) {
          const cutOff = principal.signal.aborted || taken.signal.aborted || stopping.aborted
          if (thrown instanceof McpUpstreamError && !cutOff) {
            finish(
              CALLERS_FAULT.has(thrown.code)
                ? { status: 400, code: 'INVALID_REQUEST' }
                : { status: 502, code: 'UPSTREAM_ERROR' },
            )
            return thrown
          }
          const error = explain(thrown)
          if (signal.aborted && !cutOff) finish(CLIENT_GONE)
          else {
            if (error.code === 'INTERNAL') onInternalError(caller.requestId, error.cause)
            finish({ status: error.status, code: error.code })
          }
          return error
        },
      }
    },
  }
}
