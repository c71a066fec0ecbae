import { asHallpassError, HallpassError } from '../../contract/errors.ts'
import type { Permission } from '../../contract/grants.ts'
import type { Transport } from '../../contract/records.ts'
import type { Access, RunningRequest } from '../access/access.ts'
import type { Decision, Demand, Principal } from '../access/principal.ts'
import type { RunningSet } from '../running/running-set.ts'
import type { Clock } from '../clock.ts'
import { CallTimes } from './call-times.ts'
import { LightAbort, type Interruption } from '../interruption.ts'
import type { OpenRequest, RequestOpening, RequestOutcome } from '../log/request-log.ts'
import type { PayloadCapture } from '../log/payloads/payload-capture.ts'
import type { PayloadRecorder } from '../log/payloads/payload-recorder.ts'

/** Where a call came from, for the log and for interrupting it. */
export interface CallOrigin {
  requestId: string
  transport: Transport
  client: string | null
  /** Aborted when the client disconnects. */
  signal: Pick<Interruption, 'aborted' | 'addEventListener' | 'removeEventListener'>
  /** Size of the request body in bytes, if known. */
  bytesIn: number
}

export interface CallRequest {
  /** The caller as it was when the request arrived. */
  principal: Principal
  origin: CallOrigin
  /** Method for the log. */
  method: string
  /** Null if the call reaches no connection. */
  connection: string | null
  resource: string | null
  /** Returns what the call requires, given the current grants. Throws if there is nothing to call. */
  demand?: (principal: Principal) => Demand
  /** Replaces the sentence of a denial. Undefined keeps it. */
  deniedSentence?: (reason: (Decision & { allowed: false })['reason'], principal: Principal) => string | undefined
  /** Throws for calls that the grants allow but something else forbids. */
  allow?: (principal: Principal) => void
}

/** Records how a call went for the health of its upstream. */
interface CallHealth {
  watch(connectionId: number): { answered(): void; failed(error: HallpassError): void }
}

export interface RunningCall {
  readonly principal: Principal
  /** Takes what the call sends and gets. Null if the project doesn't record payloads. */
  readonly payload: PayloadCapture | null
  /** The only signal of the call. Its reason is the error to throw. */
  readonly signal: AbortSignal
  /** The same, for callers that need no AbortSignal. */
  readonly interruption: LightAbort
  /** True once the client, the owner or the engine's stop interrupted the call. */
  readonly interrupted: boolean
  /** Throws if the call was interrupted or its token expired since. */
  check(): void
  /**
   * Call it before contacting the upstream. From then on a write may have happened, and the outcome counts for the
   * connection's health unless the ID is null.
   */
  reaches(connectionId: number | null): void
  /** How the call takes part in what is shared between callers. `onSlot` is called when it no longer waits for others. */
  readonly share: { readonly key: string; readonly onSlot: () => void }
  /** Call it when the upstream responded. */
  answered(): void
  finish(outcome: RequestOutcome): void
  /**
   * Closes the row as failed and returns the error to throw. `unsure` replaces the note about a write with an unknown
   * outcome.
   */
  fail(thrown: unknown, progress?: Partial<RequestOutcome>, unsure?: string): HallpassError
  /** Closes the row of a call that nobody is waiting for. */
  leave(progress: Partial<RequestOutcome>): void
  /**
   * Keeps the call registered after its row is closed, because its upstream waits for the client's next request.
   * Returns a function that ends it.
   */
  detach(): () => void
}

/** What every call needs from the engine. */
export interface CallParts {
  access: Pick<Access, 'refresh' | 'enter' | 'requireBudget' | 'spend'>
  openRow(opening: RequestOpening): OpenRequest
  health?: CallHealth | undefined
  payloads?: Pick<PayloadRecorder, 'begin'> | undefined
  clock: Pick<Clock, 'now' | 'monotonic'>
  /** Aborted when the engine stops. */
  stopping: AbortSignal
  /** The calls that are running. */
  running: RunningSet<Call>
  /** Called with the cause of every INTERNAL, for the diagnostic log. */
  onInternalError: (requestId: string, cause: unknown) => void
}

/** nginx uses this status for clients that disconnect before the response. */
const CLIENT_GONE = { status: 499, code: 'CLIENT_GONE' } as const

/** A registered call with an open row. Ending its access interrupts it. */
export class Call implements RunningCall, RunningRequest {
  readonly principal: Principal
  readonly payload: PayloadCapture | null
  readonly connection: string | null
  readonly demand: Demand | undefined
  readonly #parts: CallParts
  readonly #origin: CallOrigin
  readonly #row: OpenRequest
  readonly #permission: Permission | null
  readonly #place: number
  #leave: (() => void) | null = null
  readonly interruption = new LightAbort()
  #end: HallpassError | 'client' | null = null
  #detached = false
  readonly #times: CallTimes
  #watch: ReturnType<CallHealth['watch']> | null = null

  constructor(
    parts: CallParts,
    request: CallRequest,
    principal: Principal,
    demand: Demand | null,
    opening: RequestOpening,
  ) {
    const { access, openRow, running, stopping } = parts
    this.#parts = parts
    this.#times = new CallTimes(parts.clock, opening.arrived ?? parts.clock.monotonic())
    this.principal = principal
    this.connection = request.connection
    this.#origin = request.origin
    this.demand = demand ?? undefined
    this.#permission = demand?.permission ?? null
    if (this.connection !== null) this.#leave = access.enter(principal, this)
    try {
      this.#row = openRow(opening)
    } catch (thrown) {
      this.#leave?.()
      throw thrown
    }
    this.payload = parts.payloads?.begin(principal.project, request.connection) ?? null
    this.#place = running.add(this)
    if (request.origin.signal.aborted) this.#onClientGone()
    else request.origin.signal.addEventListener('abort', this.#onClientGone)
    if (stopping.aborted) this.interrupt(engineStopping())
  }

  readonly #onClientGone = (): void => {
    this.#stop('client', clientGone())
  }

  #stop(end: HallpassError | 'client', reason: HallpassError): void {
    if (this.#end !== null) return
    this.#end = end
    this.interruption.abort(reason)
  }

  get isOverHttp(): boolean {
    return this.#origin.transport !== 'mcp-stdio' && this.#origin.transport !== 'control'
  }

  interrupt(error: HallpassError): void {
    this.#stop(error, error)
  }

  get signal(): AbortSignal {
    return this.interruption.signal
  }

  get interrupted(): boolean {
    return this.#end !== null
  }

  check(): void {
    if (this.#end !== null) throw this.#end === 'client' ? clientGone() : this.#end
    this.#parts.access.refresh(this.principal)
  }

  reaches(connectionId: number | null): void {
    this.#times.reach()
    if (connectionId !== null) this.#watch = this.#parts.health?.watch(connectionId) ?? null
  }

  get share(): RunningCall['share'] {
    return { key: this.principal.rateKey, onSlot: this.#times.takeSlot }
  }

  answered(): void {
    this.#times.answer()
    this.#watch?.answered()
  }

  finish(outcome: RequestOutcome): void {
    if (!this.#detached) this.#deregister()
    this.#origin.signal.removeEventListener('abort', this.#onClientGone)
    const { record } = this.#row
    const isFirst = record.status === null
    this.#row.close({ bytes_in: this.#origin.bytesIn, timing: this.#times.timing(), ...outcome })
    if (!isFirst) return
    if (this.#permission !== null)
      this.#parts.access.spend(this.principal, { records: record.records, bytes: record.bytes_in + record.bytes_out })
    this.payload?.end(record.id)
  }

  fail(thrown: unknown, progress: Partial<RequestOutcome> = {}, unsure?: string): HallpassError {
    const error = this.#explain(thrown, unsure)
    if (this.#end === null) this.#watch?.failed(error)
    if (error.code === 'INTERNAL') this.#parts.onInternalError(this.#origin.requestId, error.cause)
    if (this.payload?.response.bytes === 0)
      this.payload.response.add(JSON.stringify({ error: { code: error.code, message: error.message } }))
    const end = this.#end === 'client' ? CLIENT_GONE : { status: error.status, code: error.code }
    this.finish({ ...progress, ...end })
    return error
  }

  #explain(thrown: unknown, unsure: string | undefined): HallpassError {
    if (this.#end === null) return asHallpassError(thrown, this.#origin.requestId)
    const error = this.#end === 'client' ? clientGone() : this.#end
    const writes = this.#permission !== null && this.#permission !== 'read'
    const note = unsure ?? (writes && this.#times.hasReached ? 'The write may have succeeded.' : '')
    return error.reworded(note === '' ? error.message : `${error.message} ${note}`, { cause: thrown })
  }

  leave(progress: Partial<RequestOutcome>): void {
    const end = this.#end instanceof HallpassError ? { status: this.#end.status, code: this.#end.code } : CLIENT_GONE
    this.finish({ ...progress, ...end })
  }

  detach(): () => void {
    this.#detached = true
    this.#origin.signal.removeEventListener('abort', this.#onClientGone)
    return () => this.#deregister()
  }

  #deregister(): void {
    this.#parts.running.remove(this.#place, this)
    this.#leave?.()
  }
}

function clientGone(): HallpassError {
  return new HallpassError('INVALID_REQUEST', 'The client disconnected before the response was complete.')
}

/** Doesn't count against the health of the upstream. */
export function engineStopping(): HallpassError {
  return new HallpassError('UPSTREAM_ERROR', 'Hallpass is shutting down. The request was interrupted.', {
    upstreamBlameless: true,
  })
}
