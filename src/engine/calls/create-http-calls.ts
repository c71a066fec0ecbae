import { asHallpassError, HallpassError } from '../../contract/errors.ts'
import type { Permission } from '../../contract/grants.ts'
import type { Access } from '../access/access.ts'
import { requireGrant } from '../access/decide.ts'
import type { Demand, Principal } from '../access/principal.ts'
import type { OpenRequest, RequestLog, RequestOpening } from '../log/request-log.ts'
import type { CallOrigin } from './document-calls.ts'
import type { ConnectionHealth } from '../connections/health.ts'
import type { HttpConnections } from '../http-apis/http-connections.ts'
import type { UpstreamRequest } from '../http-apis/http-upstream.ts'
import type { ResponseSink } from '../egress/response-relay.ts'

/** What the log says of a caller who went away before the answer; the number is nginx's. */
const CLIENT_GONE = { status: 499, code: 'CLIENT_GONE' } as const
/** How soon running requests are cut off after the owner paused all access. */
const PAUSE_WATCH_MS = 200

/** A request for an `http` connection: forwarded as it came, or made from an operation. */
export type HttpCall = Omit<UpstreamRequest, 'requestId'> & {
  connection: string
  /** The operation's id, and the name in the log. */
  tool?: { id: string; name: string }
  /** Fires when no more of the answer is wanted; the request has then succeeded. */
  enough?: AbortSignal
}

/**
 * A request to an HTTP API from decision to log: one path, whichever door it came through. Failures before the sink got its head are
 * thrown as HallpassErrors; so are those in the middle of an answer, and what the sink has then is not whole.
 */
export interface HttpCalls {
  /** Whether a connection of that name is an HTTP API. */
  serves(connection: string): boolean
  /** For a call that is wrong before it is sent: logs it, and answers the error to throw, which for a caller without the right tells that. */
  refused(principal: Principal, call: Subject, origin: CallOrigin, thrown: unknown): HallpassError
  send(principal: Principal, call: HttpCall, sink: ResponseSink, origin: CallOrigin): Promise<{ status: number }>
}

type Subject = Pick<HttpCall, 'connection' | 'method' | 'path' | 'tool'>

interface Running {
  cut: AbortController
  why: HallpassError | 'gone' | 'enough' | null
}

export function createHttpCalls(parts: {
  access: Access
  log: RequestLog
  connections: HttpConnections
  /** Aborted when the engine stops. */
  stopping: AbortSignal
  /** Told of what the calls find out of their upstreams. */
  health?: Pick<ConnectionHealth, 'watch'>
  onInternalError: (requestId: string, cause: unknown) => void
}): HttpCalls {
  const { access, log, connections, stopping, health, onInternalError } = parts
  const running = new Set<Running>()
  let watch: NodeJS.Timeout | null = null

  function paused(): HallpassError {
    return new HallpassError('PAUSED', 'The owner paused all access.')
  }

  /** Pausing aborts no signal, so whoever runs is looked after here, and only while somebody does. */
  function watchPause(): void {
    watch ??= setInterval(() => {
      if (access.paused) for (const request of running) stop(request, paused())
      if (running.size > 0 || watch === null) return
      clearInterval(watch)
      watch = null
    }, PAUSE_WATCH_MS).unref()
  }

  function stop(request: Running, why: HallpassError | 'gone' | 'enough'): void {
    request.why ??= why
    request.cut.abort(typeof why === 'string' ? new Error('cut off') : why)
  }

  function openingOf(principal: Principal, call: Subject, origin: CallOrigin): RequestOpening {
    return {
      request_id: origin.requestId,
      transport: origin.transport,
      method: call.tool?.name ?? call.method,
      project: principal.project.name,
      token: principal.name,
      token_kind: principal.kind,
      parent: principal.parent,
      client: origin.client,
      connection: call.connection,
      resource: call.path.slice(0, 256),
    }
  }

  function begin(asking: Principal, call: HttpCall, origin: CallOrigin, request: Running) {
    const opening = openingOf(asking, call, origin)
    try {
      const principal = access.refresh(asking)
      const target = authorised(principal, call)
      const leave = access.enter(principal, { connection: call.connection, controller: request.cut })
      return { principal, target, leave, row: openRow(opening, leave) }
    } catch (thrown) {
      const error = asHallpassError(thrown, origin.requestId)
      if (error.code !== 'LOG_UNAVAILABLE')
        log.refused(opening, { status: error.status, code: error.code, bytes_in: origin.bytesIn })
      throw error
    }
  }

  /** Of a name that is no HTTP API, the grants speak first: nobody is told what exists outside them. */
  function authorised(principal: Principal, call: Subject) {
    const found = connections.find(call.connection)
    requireGrant(principal, demandOf(call, found?.upstream.permissionOf(call.method, call.path) ?? 'read'))
    return found ?? connections.open(call.connection)
  }

  function openRow(opening: RequestOpening, leave: () => void): OpenRequest {
    try {
      return log.open(opening)
    } catch (thrown) {
      leave()
      throw thrown
    }
  }

  return {
    serves: (connection) => connections.find(connection) !== null,

    refused(asking, call, origin, thrown) {
      let error = asHallpassError(thrown, origin.requestId)
      try {
        authorised(access.refresh(asking), call)
      } catch (refusal) {
        error = asHallpassError(refusal, origin.requestId)
      }
      log.refused(openingOf(asking, call, origin), { status: error.status, code: error.code, bytes_in: origin.bytesIn })
      return error
    },

    async send(asking, call, sink, origin) {
      const request: Running = { cut: new AbortController(), why: null }
      const { principal, target, leave, row } = begin(asking, call, origin, request)
      const onGone = (): void => stop(request, 'gone')
      const onEnd = (): void =>
        stop(request, new HallpassError('TOKEN_EXPIRED', 'The token ended while the request was running.'))
      const onStop = (): void =>
        stop(request, new HallpassError('UPSTREAM_ERROR', 'Hallpass is stopping; the request was cut off.'))
      origin.signal.addEventListener('abort', onGone, { once: true })
      principal.signal.addEventListener('abort', onEnd, { once: true })
      stopping.addEventListener('abort', onStop, { once: true })
      const onEnough = (): void => stop(request, 'enough')
      call.enough?.addEventListener('abort', onEnough, { once: true })
      if (origin.signal.aborted) onGone()
      if (stopping.aborted) onStop()
      running.add(request)
      watchPause()
      let bytesIn = origin.bytesIn
      let bytesOut = 0
      let status = 0
      const watch = health?.watch(target.row.id)
      const counted: ResponseSink = {
        head(code, headers, resume) {
          status = code
          watch?.answered()
          sink.head(code, headers, resume)
        },
        data(piece) {
          bytesOut += piece.length
          return sink.data(piece)
        },
        end: sink.end,
      }
      const body =
        call.body === null || call.contentLength !== null
          ? call.body
          : countedBody(call.body, (bytes) => {
              bytesIn += bytes
            })
      try {
        const done = await target.upstream.send({ ...call, body, requestId: origin.requestId }, counted, {
          signal: request.cut.signal,
          secret: target.secret,
        })
        row.close({ status: done.status, bytes_in: bytesIn, bytes_out: bytesOut })
        return done
      } catch (thrown) {
        if (request.why === 'enough') {
          row.close({ status, bytes_in: bytesIn, bytes_out: bytesOut })
          return { status }
        }
        const error = explain(thrown, request, call.connection, origin.requestId)
        if (error.code === 'INTERNAL') onInternalError(origin.requestId, error.cause)
        if (request.why === null) watch?.failed(error)
        const end = request.why === 'gone' ? CLIENT_GONE : { status: error.status, code: error.code }
        row.close({ ...end, bytes_in: bytesIn, bytes_out: bytesOut })
        throw error
      } finally {
        leave()
        running.delete(request)
        origin.signal.removeEventListener('abort', onGone)
        principal.signal.removeEventListener('abort', onEnd)
        stopping.removeEventListener('abort', onStop)
      }
    },
  }
}

function explain(thrown: unknown, request: Running, connection: string, requestId: string): HallpassError {
  if (request.why instanceof HallpassError) return request.why
  if (request.why !== null)
    return new HallpassError('INVALID_REQUEST', 'The caller went away before the answer was there.')
  // Cut off by the access room: the connection was taken away from a token that lives on, or the token ended.
  if (request.cut.signal.aborted) {
    return new HallpassError(
      'UNAUTHORIZED',
      `Document not in scope: “${connection}” was taken away while the request was running.`,
      { cause: thrown },
    )
  }
  return asHallpassError(thrown, requestId)
}

function demandOf(call: Subject, permission: Permission): Demand {
  return {
    permission,
    connection: call.connection,
    path: call.path,
    ...(call.tool === undefined ? {} : { tool: call.tool.id }),
  }
}

async function* countedBody(
  body: AsyncIterable<Uint8Array> | Buffer,
  count: (bytes: number) => void,
): AsyncGenerator<Uint8Array> {
  if (Buffer.isBuffer(body)) {
    count(body.length)
    yield body
    return
  }
  for await (const piece of body) {
    count(piece.length)
    yield piece
  }
}
