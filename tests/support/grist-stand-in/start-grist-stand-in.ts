import { createServer } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createStandInAttachments, StandInFile } from './stand-in-attachments.ts'
import { createStandInDocument, StandInRefusal } from './stand-in-document.ts'
import type { StandInTables } from './stand-in-document.ts'

export interface SeenRequest {
  method: string
  path: string
  headers: IncomingMessage['headers']
  body: string
  bytes: Buffer
}
export interface GristStandIn {
  url: string
  docId: string
  requests: SeenRequest[]
  /** Maximum number of concurrent requests, and of concurrent queries. */
  peak: { requests: number; queries: number }
  /** Lets the hook answer the next requests. It returns `true` if it did. */
  intercept(hook: ((request: SeenRequest, response: ServerResponse) => boolean) | null): void
  /** Delays every response by this many milliseconds. */
  delay(ms: number): void
  close(): Promise<void>
}

const DEFAULT_DOC = 'sTandInDoc1234567890Ab'
const MOST_BYTES = 1_048_576

/** Starts a server on loopback that responds like Grist to the connector's requests. */
export async function startGristStandIn({
  key,
  docs,
}: {
  key: string
  docs?: Record<string, StandInTables>
}): Promise<GristStandIn> {
  const documents = new Map(
    Object.entries(docs ?? { [DEFAULT_DOC]: {} }).map(([id, tables]) => [
      id,
      { ...createStandInDocument(tables), attachments: createStandInAttachments() },
    ]),
  )
  const requests: SeenRequest[] = []
  const peak = { requests: 0, queries: 0 }
  let underWay = 0
  let queries = 0
  let hold = 0
  let hook: ((request: SeenRequest, response: ServerResponse) => boolean) | null = null

  async function answer(request: SeenRequest): Promise<unknown> {
    const url = new URL(request.path, 'http://stand-in')
    const { authorization, origin } = request.headers
    const match = /^\/api\/docs\/([^/]+)(\/.*)?$/.exec(url.pathname)
    if (authorization === undefined) throw new StandInRefusal(403, 'No view access')
    if (!authorization.startsWith('Bearer '))
      throw new StandInRefusal(401, "Bad request: unsupported Authorization scheme, expected 'Bearer'")
    if (authorization !== `Bearer ${key}`) throw new StandInRefusal(401, 'Bad request: invalid API key')
    if (origin !== undefined) throw new StandInRefusal(403, 'Credentials not supported for cross-origin requests')
    const document = documents.get(match?.[1] ?? '')
    if (match === null) throw new StandInRefusal(404, `not found: ${url.pathname}`)
    if (document === undefined) throw new StandInRefusal(404, 'document not found')
    const rest = match[2] ?? ''
    if (rest === '') return { id: match[1], name: 'Stand-in', access: 'owners' }
    // The limit is for JSON.
    if (!rest.startsWith('/attachments') && request.bytes.length > MOST_BYTES)
      throw new StandInRefusal(413, 'request entity too large')
    const isQuery = rest === '/sql'
    if (underWay >= 10)
      throw new StandInRefusal(429, `Too many backlogged requests for document ${match[1]} - try again later?`)
    underWay += 1
    if (isQuery) queries += 1
    peak.requests = Math.max(peak.requests, underWay)
    peak.queries = Math.max(peak.queries, queries)
    try {
      await sleep(hold)
      return route(document, request, rest, url)
    } finally {
      underWay -= 1
      if (isQuery) queries -= 1
    }
  }

  const server = createServer(async (incoming, response) => {
    const parts: Buffer[] = []
    try {
      for await (const part of incoming) parts.push(part as Buffer)
    } catch {
      // An interrupted request has no effect.
      return
    }
    const request = {
      method: incoming.method ?? '',
      path: incoming.url ?? '',
      headers: incoming.headers,
      body: Buffer.concat(parts).toString(),
      bytes: Buffer.concat(parts),
    }
    requests.push(request)
    if (hook?.(request, response) === true) return
    const send = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(body))
    }
    await answer(request).then(
      (body) => {
        if (!(body instanceof StandInFile)) return send(200, body)
        const { file, bytes } = body
        response
          .writeHead(200, {
            'content-type': file.type,
            'content-length': bytes.length,
            'content-disposition': `attachment; filename="${encodeURIComponent(file.name)}"`,
            'cache-control': 'private, max-age=3600',
          })
          .end(bytes)
      },
      (error: unknown) => {
        if (error instanceof StandInRefusal)
          send(error.status, {
            error: error.message,
            ...(error.details === undefined ? {} : { details: error.details }),
          })
        else send(500, { error: String(error) })
      },
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    docId: [...documents.keys()][0] ?? '',
    requests,
    peak,
    intercept: (next) => {
      hook = next
    },
    delay: (ms) => {
      hold = ms
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function route(
  document: ReturnType<typeof createStandInDocument> & { attachments: ReturnType<typeof createStandInAttachments> },
  request: SeenRequest,
  path: string,
  url: URL,
): unknown {
  const parts = path.split('/').slice(1).map(decodeURIComponent)
  const [area, table = '', kind, last] = parts
  const verb = `${request.method} ${[area, table === '' ? null : 'T', kind, kind === 'columns' && last !== undefined ? 'C' : last].filter((part) => part !== null && part !== undefined).join('/')}`
  const body = (): never => parsed(request.body) as never
  const { attachments } = document
  if (area === 'attachments') {
    if (request.method === 'POST' && table === '')
      return attachments.store(request.headers['content-type'] ?? '', request.bytes)
    if (request.method === 'GET') return kind === 'download' ? attachments.download(table) : attachments.describe(table)
  }
  switch (verb) {
    case 'GET tables':
      return document.listTables()
    case 'POST tables':
      return document.createTable(body())
    case 'GET tables/T/columns':
      return document.listColumns(table, url.searchParams.get('hidden') === 'true')
    case 'POST tables/T/columns':
      return document.addColumns(table, body())
    case 'PATCH tables/T/columns':
      return document.changeColumns(table, body())
    case 'DELETE tables/T/columns/C':
      return document.removeColumn(table, last ?? '')
    case 'GET tables/T/records':
      return document.read(table, queryOf(url.searchParams))
    case 'POST tables/T/records/list':
      return document.read(table, body())
    case 'POST tables/T/records':
      return document.add(table, body())
    case 'PUT tables/T/records':
      return document.upsert(table, body(), url.searchParams.get('noadd') === '1')
    case 'PATCH tables':
      return document.renameTable(body())
    case 'POST apply':
      return document.apply(body())
    case 'PATCH tables/T/records':
      return document.change(table, body())
    case 'POST tables/T/data/delete':
      return document.remove(table, body())
    case 'POST sql':
      return document.sql(body())
    default:
      throw new StandInRefusal(404, `not found: ${url.pathname}`)
  }
}

function queryOf(params: URLSearchParams): { filter?: unknown; sort?: string[]; limit?: number } {
  const filter = params.get('filter')
  const limit = params.get('limit')
  if (limit !== null && Number.isNaN(Number(limit))) throw new StandInRefusal(500, 'limit is not a number')
  let values: unknown
  try {
    values = filter === null ? {} : JSON.parse(filter)
  } catch {
    throw new StandInRefusal(500, "Expected property name or '}' in JSON at position 1")
  }
  return {
    filter: values,
    sort: params.get('sort')?.split(',') ?? [],
    ...(limit === null ? {} : { limit: Number(limit) }),
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StandInRefusal(400, (error as Error).message)
  }
}
