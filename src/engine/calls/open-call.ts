import { asHallpassError, HallpassError } from '../../contract/errors.ts'
import type { Grant } from '../../contract/grants.ts'
import { decide } from '../access/decide.ts'
import { describeGrant, describeMissing } from '../access/describe-decision.ts'
import type { Demand, Principal } from '../access/principal.ts'
import { describePrincipal } from '../access/sentences.ts'
import type { OpenRequest, RequestLog, RequestOpening } from '../log/request-log.ts'
import { Call, engineStopping, type CallParts, type CallRequest, type RunningCall } from './running-call.ts'

/** The path of every call: authenticate again, authorize, register, log, run under one signal, explain the outcome. */
export interface CallOpener {
  /** Must return before anything reaches an upstream. Denials are logged and thrown as HallpassErrors. */
  open(request: CallRequest): RunningCall
  /**
   * Logs a call that is invalid before it is sent, and returns the error to throw. A caller without permission learns
   * only that.
   */
  reject(request: CallRequest, thrown: unknown): HallpassError
  /** Opens the row of a request that needs no grant: an action of the owner, a sign-in, an event stream. */
  openRow(opening: RequestOpening): OpenRequest
}

export function createCallOpener(
  parts: Omit<CallParts, 'openRow' | 'running'> & { log: Pick<RequestLog, 'open' | 'rejected'> },
): CallOpener {
  const { access, log, stopping, onInternalError } = parts
  const running = new Set<Call>()
  const openRow = (opening: RequestOpening): OpenRequest => log.open(opening)
  const shared: CallParts = { ...parts, openRow, running }
  const described = new WeakMap<Grant, string>()
  // One listener for all calls, because one per call costs more than the authorization.
  stopping.addEventListener('abort', () => {
    for (const call of running) call.interrupt(engineStopping())
  })

  function textOf(grant: Grant): string {
    const known = described.get(grant)
    if (known !== undefined) return known
    const text = describeGrant(grant)
    described.set(grant, text)
    return text
  }

  /** Throws UNAUTHORIZED. Records in the row what decided and, for a denial, what was missing. */
  function authorize(request: CallRequest, principal: Principal, opening: RequestOpening): Demand | null {
    if (request.demand === undefined) return null
    const demand = request.demand(principal)
    opening.permission = demand.permission
    const decision = decide(principal.grants, demand, describePrincipal(principal))
    if (!decision.allowed) {
      opening.missing = describeMissing(demand, principal.grants)
      throw new HallpassError(
        'UNAUTHORIZED',
        request.deniedSentence?.(decision.reason, principal) ?? decision.sentence,
        { reason: decision.reason },
      )
    }
    opening.grant = textOf(decision.grant)
    request.allow?.(principal)
    return demand
  }

  function denied(request: CallRequest, opening: RequestOpening, thrown: unknown): HallpassError {
    const { requestId, bytesIn } = request.origin
    const error = asHallpassError(thrown, requestId)
    if (error.code === 'INTERNAL') onInternalError(requestId, error.cause)
    // If the log can't be written, this denial can't be logged either.
    if (error.code !== 'LOG_UNAVAILABLE')
      log.rejected(opening, { status: error.status, code: error.code, bytes_in: bytesIn })
    return error
  }

  return {
    open(request) {
      const opening = rowOpening(request)
      try {
        const principal = access.refresh(request.principal)
        return new Call(shared, request, principal, authorize(request, principal, opening), opening)
      } catch (thrown) {
        throw denied(request, opening, thrown)
      }
    },
    reject(request, thrown) {
      const opening = rowOpening(request)
      let error = thrown
      try {
        authorize(request, access.refresh(request.principal), opening)
      } catch (denial) {
        error = denial
      }
      return denied(request, opening, error)
    },
    openRow,
  }
}

function rowOpening({ principal, origin, method, connection, resource }: CallRequest): RequestOpening {
  return {
    request_id: origin.requestId,
    transport: origin.transport,
    method,
    project: principal.project.name,
    token: principal.name,
    token_kind: principal.kind,
    token_hash: principal.hash,
    parent: principal.parent,
    client: origin.client,
    connection,
    resource,
  }
}
