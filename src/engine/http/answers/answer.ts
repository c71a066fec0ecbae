import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { asHallpassError, HallpassError } from '../../../contract/errors.ts'
import type { Transport } from '../../../contract/records.ts'
import type { Access } from '../../access/access.ts'
import type { Principal } from '../../access/principal.ts'
import type { RateLimiter } from '../../access/rate-limiter.ts'
import { DEFAULT_RATE } from '../../access/rate-limiter.ts'
import type { CallOpener } from '../../calls/open-call.ts'
import type { Clock } from '../../clock.ts'
import type { OpenRequest, RequestLog, RequestOutcome } from '../../log/request-log.ts'
import { addressGroup } from '../../egress/address-class.ts'
import { credentialError, readCredential } from '../bearer.ts'
import type { CallerOrigin } from '../caller-address.ts'
import { preflightHeaders, type OriginJudge } from '../routes/cors.ts'
import { createExchange, rowOpening, type Exchange } from '../exchange.ts'
import { isOwnHost, urlOfHost, type OwnAddress } from '../front-door.ts'
import type { HttpLimits } from '../http-limits.ts'
import type { StrangerLog } from './stranger-log.ts'
import { readTarget } from '../request-target.ts'
import { areaOf, type Area, type Endpoint, type Route, type RouteMatch } from '../routes/route-table.ts'
import { rateHeaders, sendError, sendNothing } from './send.ts'

interface AnswerParts {
  access: Access
  opener: Pick<CallOpener, 'openRow'>
  rateLimiter: RateLimiter
  log: RequestLog
  strangers: StrangerLog
  /** Called for a connection on which a token was sent: with the key of its holder, or null if it isn't valid. */
  assign: (socket: Socket, holder: string | null) => void
  originOf: (request: IncomingMessage) => CallerOrigin
  clock: Clock
  limits: HttpLimits
  origins: OriginJudge
  match: (path: string) => RouteMatch | null
  own: () => OwnAddress
  closing: () => boolean
  onInternalError: (requestId: string, cause: unknown) => void
}

/** Facts about a request whose route is known. */
interface Course {
  area: Area
  transport: Transport
  endpoint: Endpoint | null
  row: OpenRequest | null
}

/** Handles every request with its checks in the contract's order. Never throws. */
export function createAnswer(parts: AnswerParts): (request: IncomingMessage, response: ServerResponse) => void {
  const {
    access,
    opener,
    rateLimiter,
    log,
    strangers,
    assign,
    originOf,
    clock,
    limits,
    origins,
    match,
    own,
    closing,
    onInternalError,
  } = parts

  return (request, response) => {
    const exchange = createExchange(request, response, limits, clock, originOf(request))
    const path = exchange.request.url?.split('?', 1)[0] ?? ''
    const area = areaOf(path)
    const course: Course = { area, transport: area === 'projects' ? 'mcp-http' : 'proxy', endpoint: null, row: null }
    if (closing()) exchange.headers['Connection'] = 'close'
    check(exchange, course)
      .then(() =>
        course.row?.close({ status: response.statusCode, bytes_in: exchange.bytesIn, bytes_out: exchange.bytesOut }),
      )
      .catch((thrown: unknown) => reject(exchange, course, thrown))
      .catch((thrown: unknown) => {
        onInternalError(exchange.requestId, thrown)
        response.destroy()
      })
  }

  async function check(exchange: Exchange, course: Course): Promise<void> {
    const { request } = exchange
    const { area } = course
    const { origin } = request.headers
    const method = request.method ?? ''
    Object.assign(exchange.headers, origins.headers(origin, area))
    rejectCrossSite(exchange, area)
    const target = readTarget(request.url)
    const found = target === null ? null : match(target.path)
    if (target === null || found === null) {
      takeByAddress(exchange, area)
      throw new HallpassError('NOT_FOUND', `Route not found: ${method} ${exchange.shownPath}. See GET /openapi.json.`)
    }
    course.transport = found.route.transport
    exchange.search = target.search
    exchange.params = found.params
    const preflight =
      method === 'OPTIONS' &&
      origin !== undefined &&
      request.headers['access-control-request-method'] !== undefined &&
      origins.allows(origin, area)
    const endpoint = Object.hasOwn(found.route.methods, method) ? found.route.methods[method] : undefined
    if (!preflight && endpoint === undefined) {
      takeByAddress(exchange, area)
      const methods = Object.keys(found.route.methods)
      exchange.headers['Allow'] = methods.join(', ')
      throw new HallpassError(
        'METHOD_NOT_ALLOWED',
        `${exchange.shownPath} doesn't support ${method}. Use ${methods.join(', ')}.`,
      )
    }
    checkSender(exchange, area, found.route)
    if (preflight) {
      if (!takeByAddress(exchange, area)) throw tooMany(exchange)
      return sendNothing(exchange, preflightHeaders(Object.keys(found.route.methods)))
    }
    if (endpoint === undefined) return
    course.endpoint = endpoint
    await admit(exchange, course, endpoint)
  }

  /** Throws a 403 for requests from other sites' pages, unless the owner allowed their origin. */
  function rejectCrossSite(exchange: Exchange, area: Area): void {
    const { origin, 'sec-fetch-site': site } = exchange.request.headers
    if (site !== 'cross-site' || (origin !== undefined && origins.allows(origin, area))) return
    takeByAddress(exchange, area)
    throw new HallpassError('FORBIDDEN_ORIGIN', "Requests from other sites aren't allowed.")
  }

  /** Throws a 403 for a foreign Host or Origin. */
  function checkSender(exchange: Exchange, area: Area, route: Route): void {
    const { host, origin } = exchange.request.headers
    const hostIsOurs = isOwnHost(exchange.request, own())
    // A page's own origin has the host that was requested. Another name or port of this computer is another origin.
    const ownPage = route.ownPages === true && origin === urlOfHost(host, exchange.caller.scheme, own())
    if (hostIsOurs && (ownPage || origins.allows(origin, area))) return
    takeByAddress(exchange, area)
    throw new HallpassError(
      'FORBIDDEN_ORIGIN',
      hostIsOurs
        ? "This origin isn't allowed. The owner can allow it in Settings."
        : "The Host header doesn't match this server. Use 127.0.0.1 or localhost with the right port.",
    )
  }

  /** Throws 429, 401 or, for a token of the wrong kind, 403. Otherwise calls the endpoint. */
  async function admit(exchange: Exchange, course: Course, endpoint: Endpoint): Promise<void> {
    const credential = readCredential(exchange.request)
    const known = credential.kind === 'bearer' ? access.recognize(credential.token) : null
    exchange.principal = known
    if (credential.kind === 'bearer') {
      assign(exchange.request.socket, known?.rateKey ?? null)
      if (known === null) exchange.former = access.ownerOf(credential.token)
    }
    const sent = credential.kind === 'bearer' ? 'malformed' : credential.kind
    if (endpoint.auth !== 'none') exchange.tokenState = known === null ? (exchange.former?.state ?? sent) : 'active'
    takeOrReject(exchange, course.area, known)
    if (endpoint.auth === 'none') return endpoint.serve(exchange)
    if (credential.kind !== 'bearer') throw credentialError(credential)
    if (endpoint.auth === 'either') {
      if (known === null) countStranger(exchange, course, { status: 200, bytes_in: exchange.bytesIn })
      else openRow(exchange, course, endpoint)
      return endpoint.serve(exchange, known)
    }
    if (known !== null && (known.kind === 'session') !== (endpoint.auth === 'session')) throw wrongKind(endpoint.auth)
    // Avoids hashing its token again.
    const principal = known === null ? access.identify(credential.token) : access.admit(known)
    exchange.principal = principal
    openRow(exchange, course, endpoint)
    return endpoint.serve(exchange, principal)
  }

  function openRow(exchange: Exchange, course: Course, endpoint: Endpoint): void {
    if (endpoint.log === 'row') course.row = opener.openRow(rowOpening(exchange, course.transport, endpoint.name))
  }

  function takeOrReject(exchange: Exchange, area: Area, principal: Principal | null): void {
    if (area === null) return
    if (principal === null) {
      if (takeByAddress(exchange, area)) return
    } else {
      const verdict = rateLimiter.take(principal.rateKey, principal.rate)
      Object.assign(exchange.headers, rateHeaders(verdict, 'token', clock.now()))
      if (verdict.allowed) return
    }
    throw tooMany(exchange)
  }

  /** Rate-limits by address: for callers without a valid token, and for responses that don't need credentials. */
  function takeByAddress(exchange: Exchange, area: Area): boolean {
    if (area === null) return true
    const verdict = rateLimiter.take(`address:${addressGroup(exchange.caller.address)}`, DEFAULT_RATE)
    Object.assign(exchange.headers, rateHeaders(verdict, 'address', clock.now()))
    return verdict.allowed
  }

  function reject(exchange: Exchange, course: Course, thrown: unknown): void {
    const { response, requestId } = exchange
    const error = asHallpassError(thrown, requestId)
    // A module that took over reports its own failures, which arrive as HallpassErrors.
    if (error.code === 'INTERNAL' && !(exchange.handedOver && thrown === error)) onInternalError(requestId, error.cause)
    // Every response before the rate limit has its figures, but only a 429 asks to wait.
    if (error.code !== 'RATE_LIMITED') delete exchange.headers['Retry-After']
    const wait = error.details?.['retry_after_s']
    if (typeof wait === 'number') exchange.headers['Retry-After'] = String(wait)
    const bytesOut = sendError(exchange, error)
    // A response that has started can't become an error. Breaking it off is the only way to show that it is incomplete.
    if (bytesOut === 0 && response.headersSent && !response.writableEnded) response.destroy()
    const outcome = { status: error.status, code: error.code, bytes_in: exchange.bytesIn, bytes_out: bytesOut }
    if (course.row !== null) course.row.close(outcome)
    else if (course.area !== null && !exchange.handedOver && course.endpoint?.log !== 'none') {
      if (exchange.principal === null) countStranger(exchange, course, outcome)
      else log.rejected(rowOpening(exchange, course.transport, course.endpoint?.name), outcome)
    }
  }

  function countStranger(exchange: Exchange, { transport, endpoint }: Course, outcome: RequestOutcome): void {
    strangers.count(addressGroup(exchange.caller.address), rowOpening(exchange, transport, endpoint?.name), outcome)
  }
}

function tooMany(exchange: Exchange): HallpassError {
  return new HallpassError('RATE_LIMITED', `Too many requests. Try again in ${exchange.headers['Retry-After']} s.`)
}

function wrongKind(wanted: 'access' | 'session'): HallpassError {
  return new HallpassError(
    'UNAUTHORIZED',
    wanted === 'session'
      ? 'Permission denied: this route needs a session token (sess_…). Create one with POST /api/v1/sessions or request_session_token.'
      : "Permission denied: this route doesn't accept session tokens. Use an access token.",
  )
}
