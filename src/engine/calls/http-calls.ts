import type { HallpassError } from '../../contract/errors.ts'
import type { Principal } from '../access/principal.ts'
import { requestHeaders } from '../egress/header-filters.ts'
import { guardedBody } from '../egress/request-body.ts'
import { maskTokens } from '../text/token-format.ts'
import type { ResponseSink } from '../egress/response-relay.ts'
import type { HttpConnections } from '../http-apis/http-connections.ts'
import type { UpstreamRequest } from '../http-apis/upstream-request.ts'
import type { CallOpener } from './open-call.ts'
import type { CallOrigin, CallRequest } from './running-call.ts'

/** A request for an HTTP API: forwarded from a script or built from an operation. */
type HttpCall = Omit<UpstreamRequest, 'requestId'> & {
  connection: string
  /** The operation's ID, and its name in the log. */
  tool?: { id: string; name: string }
  /** Aborted when enough of the response has been read. The request counts as successful. */
  enough?: AbortSignal
}

/**
 * HTTP API requests of every interface. Failures are HallpassErrors, even in the middle of a response, which is then
 * incomplete.
 */
export interface HttpCalls {
  /** Returns whether this connection is an HTTP API. */
  serves(connection: string): boolean
  /** Logs a call that is invalid before it is sent, and returns the error to throw. */
  reject(principal: Principal, call: Subject, origin: CallOrigin, thrown: unknown): HallpassError
  send(principal: Principal, call: HttpCall, sink: ResponseSink, origin: CallOrigin): Promise<{ status: number }>
}

type Subject = Pick<HttpCall, 'connection' | 'method' | 'path' | 'tool'>

export function createHttpCalls(parts: { opener: CallOpener; connections: HttpConnections }): HttpCalls {
  const { opener, connections } = parts

  /** `target` is the connection, looked up once for all steps of a call. */
  function requestOf(
    principal: Principal,
    call: Subject,
    origin: CallOrigin,
    target = connections.find(call.connection),
  ): CallRequest {
    const { connection, method, path, tool } = call
    return {
      principal: principal,
      origin,
      method: tool?.name ?? method,
      connection,
      resource: path.slice(0, 256),
      demand: () => ({
        permission: target?.upstream.permissionOf(method, path) ?? 'read',
        connection,
        path,
        ...(tool === undefined ? {} : { tool: tool.id }),
      }),
      // Authorization comes first, so that callers don't learn what exists outside their grants.
      allow: () => void (target ?? connections.open(connection)),
    }
  }

  return {
    serves: (connection) => connections.find(connection) !== null,

    reject: (principal, call, origin, thrown) => opener.reject(requestOf(principal, call, origin), thrown),

    async send(principal, call, sink, origin) {
      const found = connections.find(call.connection)
      const running = opener.open(requestOf(principal, call, origin, found))
      const target = found ?? connections.open(call.connection)
      const { payload } = running
      if (payload !== null) payload.request.head = requestHead(call)
      running.reaches(target.row.id)
      let bytesIn = origin.bytesIn
      let bytesOut = 0
      let status = 0
      const progress = () => ({ bytes_in: bytesIn, bytes_out: bytesOut })
      const counted: ResponseSink = {
        head(code, headers, resume) {
          status = code
          if (payload !== null) payload.response.head = `HTTP ${code}${headerLines(headers)}`
          running.answered()
          sink.head(code, headers, resume)
        },
        data(piece) {
          bytesOut += piece.length
          payload?.response.add(piece)
          return sink.data(piece)
        },
        end: sink.end,
      }
      const { contentLength } = call
      const guarded =
        call.body === null || Buffer.isBuffer(call.body) ? call.body : guardedBody(call.body, contentType(call))
      const counts = contentLength === null
      const body =
        guarded === null || !(counts || payload !== null)
          ? guarded
          : observedBody(guarded, (piece) => {
              if (counts) bytesIn += piece.length
              payload?.request.add(piece)
            })
      const signal = call.enough === undefined ? running.interruption : AbortSignal.any([running.signal, call.enough])
      try {
        const done = await target.upstream.send(
          { ...call, body, search: maskTokens(call.search), requestId: origin.requestId },
          counted,
          {
            signal,
            secret: target.secret,
            ...running.share,
          },
        )
        running.finish({ status: done.status, ...progress() })
        return done
      } catch (thrown) {
        if (call.enough?.aborted !== true || running.interrupted) throw running.fail(thrown, progress())
        running.finish({ status, ...progress() })
        return { status }
      }
    },
  }
}

function contentType({ rawHeaders }: HttpCall): string | undefined {
  const at = rawHeaders.findIndex((name, index) => index % 2 === 0 && name.toLowerCase() === 'content-type')
  return at < 0 ? undefined : rawHeaders[at + 1]
}

async function* observedBody(
  body: AsyncIterable<Uint8Array> | Buffer,
  observe: (piece: Uint8Array) => void,
): AsyncGenerator<Uint8Array> {
  if (Buffer.isBuffer(body)) {
    observe(body)
    yield body
    return
  }
  for await (const piece of body) {
    observe(piece)
    yield piece
  }
}

/** Headers whose values are credentials of some service, whether or not Hallpass knows them. */
const CREDENTIAL = /auth|cookie|credential|key|passw|secret|session|signature|token/i

/** Returns request line and headers as the API gets them, except what Hallpass adds. */
function requestHead({ method, path, search, rawHeaders }: HttpCall): string {
  const headers = requestHeaders(rawHeaders, { ownHeader: null, hasSecret: true })
  return `${method} ${path}${search === '' ? '' : `?${search}`}${headerLines(headers)}`
}

function headerLines(headers: readonly string[]): string {
  let lines = ''
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const [name = '', value = ''] = headers.slice(i, i + 2)
    lines += `\n${name}: ${CREDENTIAL.test(name) ? '********' : value}`
  }
  return lines
}
