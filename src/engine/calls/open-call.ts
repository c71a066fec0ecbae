import { asHallpassError, HallpassError } from '../../contract/errors.ts'
import type { Grant } from '../../contract/grants.ts'
import { decide } from '../access/decide.ts'
import { describeGrant, describeMissing, describeRefusal } from '../access/describe-decision.ts'
import type { Demand, Principal } from '../access/principal.ts'
import { connectionPaused, connectionPausedMidway, describePrincipal } from '../access/sentences.ts'
import { RunningSet } from '../running/running-set.ts'
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
  /** Interrupts the running calls of a connection that was paused. Returns how many. */
  interruptConnection(name: string): number
  /** Number of running calls that came over HTTP. */
  countOverHttp(): number
  /** Opens the row of a request that needs no grant: an action of the owner, a sign-in, an event stream. */
  openRow(opening: RequestOpening): OpenRequest
}

export function createCallOpener(
  parts: Omit<CallParts, 'openRow' | 'running'> & {
    log: Pick<RequestLog, 'open' | 'rejected'>
    read: { connection(name: string): { paused: boolean } | null }
  },
): CallOpener {
  const { access, log, stopping, clock, onInternalError } = parts
  const running = new RunningSet<Call>()
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
      const { reason } = decision
      const sentence = request.deniedSentence?.(reason, principal) ?? decision.sentence
      opening.refusal = describeRefusal(demand, principal.grants, { reason, sentence })
      opening.missing = describeMissing(opening.refusal)
      throw new HallpassError('UNAUTHORIZED', sentence, { reason })
    }
    opening.grant = textOf(decision.grant)
    request.allow?.(principal)
    if (parts.read.connection(demand.connection)?.paused === true) throw connectionPaused(demand.connection)
    return demand
  }

  /** Throws BUDGET_EXHAUSTED. Records in the row which unit is used up. */
  function requireBudget(principal: Principal, opening: RequestOpening): void {
    try {
      access.requireBudget(principal)
    } catch (thrown) {
      const { unit, limit } = asHallpassError(thrown, '').details ?? {}
      // The sentence goes to the caller. This is what the log shows.
      opening.missing = `daily budget of ${String(limit)} ${String(unit)} used up`
      throw thrown
    }
  }

  function denied(request: CallRequest, opening: RequestOpening, thrown: unknown): HallpassError {
    const { requestId, bytesIn } = request.origin
    const error = asHallpassError(thrown, requestId)
    if (error.code === 'INTERNAL') onInternalError(requestId, error.cause)
    if (error.code === 'TOKEN_EXPIRED') opening.token_state = endedState(request.principal, clock.now())
    // If the log can't be written, this denial can't be logged either.
    if (error.code !== 'LOG_UNAVAILABLE')
      log.rejected(opening, { status: error.status, code: error.code, bytes_in: bytesIn })
    return error
  }

  return {
    open(request) {
      const opening = rowOpening(request, clock.monotonic())
      try {
        const principal = access.refresh(request.principal)
        const demand = authorize(request, principal, opening)
        if (demand === null) return new Call(shared, request, principal, demand, opening)
        requireBudget(principal, opening)
        const call = new Call(shared, request, principal, demand, opening)
        access.spend(principal, { requests: 1 })
        return call
      } catch (thrown) {
        throw denied(request, opening, thrown)
      }
    },
    reject(request, thrown) {
      const opening = rowOpening(request, clock.monotonic())
      let error = thrown
      try {
        authorize(request, access.refresh(request.principal), opening)
      } catch (denial) {
        error = denial
      }
      return denied(request, opening, error)
    },
    countOverHttp: () => [...running].filter(({ isOverHttp }) => isOverHttp).length,
    interruptConnection(name) {
      const calls = [...running].filter(({ connection }) => connection === name)
      for (const call of calls) call.interrupt(connectionPausedMidway(name))
      return calls.length
    },
    openRow,
  }
}

/** How a token has ended that was active when the request arrived. */
function endedState({ expiresAt }: Principal, now: number): 'expired' | 'revoked' {
  return expiresAt !== null && expiresAt <= now ? 'expired' : 'revoked'
}

function rowOpening({ principal, origin, method, connection, resource }: CallRequest, arrived: number): RequestOpening {
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
    token_state: 'active',
    arrived,
  }
}
