import { randomUUID } from 'node:crypto'
import { chmodSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Duplex, Readable, Writable } from 'node:stream'
import { BodyLimitPlugin, RPCHandler } from '@orpc/server/node'
import { asHallpassError, errorBody, HallpassError } from '../contract/errors.ts'
import { nameSchema, tokenNameSchema } from '../contract/names.ts'
import type { OwnerRouter } from '../engine/owner/create-owner-router.ts'
import { makeControlAddress } from './control-address.ts'
import { isListening } from './probe-address.ts'
import {
  CONTROL_HOST,
  PROJECT_HEADER,
  RPC_PREFIX,
  STDIO_PATH,
  STDIO_UPGRADE,
  TOKEN_NAME_HEADER,
} from './stdio-upgrade.ts'

const BODY_LIMIT = 1024 * 1024

interface StreamContext {
  project: string
  tokenName?: string
  signal: AbortSignal
}
type ServeStream = (input: Readable, output: Writable, context: StreamContext) => Promise<void>

export interface ControlServer {
  /** The socket, or the name of the pipe. */
  path: string
  /** Closes all connections and removes the socket. */
  close(): Promise<void>
}

/**
 * Serves the owner API and stdio streams on a socket that only this user can reach. The engine must hold the lock on
 * `home`, because a socket that doesn't respond is treated as a leftover and replaced.
 */
export async function startControlServer(parts: {
  home: string
  router: OwnerRouter
  serveStream: ServeStream
}): Promise<ControlServer> {
  const path = makeControlAddress(parts.home)
  if (process.platform !== 'win32') {
    if (await isListening(path)) throw new HallpassError('INTERNAL', 'Another engine already uses this data folder.')
    rmSync(path, { force: true })
  }
  const handler = new RPCHandler(parts.router, { plugins: [new BodyLimitPlugin({ maxBodySize: BODY_LIMIT })] })
  const stopping = new AbortController()
  const server = createServer((request, response) => {
    answer(request, response).catch((thrown: unknown) => sendError(response, asHallpassError(thrown, randomUUID())))
  })
  // A followed log is a response without an end.
  server.requestTimeout = 0
  // A client that reuses its connection in the moment of a timeout would lose its request. Only this user connects here.
  server.keepAliveTimeout = 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const problem = foreignCallerError(request)
    if (problem !== null) return sendError(response, problem)
    const { matched } = await handler.handle(request, response, { prefix: RPC_PREFIX, context: {} })
    if (!matched) sendError(response, new HallpassError('NOT_FOUND', 'Unknown call on the control socket.'))
  }

  const streams = new Set<Duplex>()
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    streams.add(socket)
    socket.on('close', () => streams.delete(socket))
    // Clients of stdio streams usually disconnect in the middle of a write.
    socket.on('error', () => socket.destroy())
    upgrade(request, socket, head).catch((thrown: unknown) =>
      rejectUpgrade(socket, asHallpassError(thrown, randomUUID())),
    )
  })

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const error = foreignCallerError(request)
    if (error !== null) throw error
    if (request.headers.upgrade !== STDIO_UPGRADE || request.url !== STDIO_PATH)
      throw new HallpassError('NOT_FOUND', 'No such upgrade.')
    const project = nameSchema.safeParse(request.headers[PROJECT_HEADER])
    const tokenName = tokenNameSchema.optional().safeParse(request.headers[TOKEN_NAME_HEADER])
    if (!project.success) throw new HallpassError('INVALID_REQUEST', 'Invalid project name.')
    if (!tokenName.success) throw new HallpassError('INVALID_REQUEST', 'Invalid token name.')
    if (head.length > 0) socket.unshift(head)
    const gone = new AbortController()
    socket.on('close', () => gone.abort())
    const serving = parts.serveStream(socket, socket, {
      project: project.data,
      ...(tokenName.data === undefined ? {} : { tokenName: tokenName.data }),
      signal: AbortSignal.any([gone.signal, stopping.signal]),
    })
    // An unknown project or token is found within this turn, while an HTTP error can still be sent.
    await Promise.race([serving, nextTurn()])
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${STDIO_UPGRADE}\r\n\r\n`)
    try {
      await serving
    } finally {
      socket.end()
    }
  }

  await listen(server, path)
  if (process.platform !== 'win32') chmodSync(path, 0o600)
  return {
    path,
    async close() {
      stopping.abort()
      for (const socket of streams) socket.destroy()
      const closed = new Promise((resolve) => {
        server.close(resolve)
      })
      server.closeAllConnections()
      await closed
    },
  }
}

/** Only this user can reach the socket, but a browser or proxy of theirs could be made to by a web page. */
function foreignCallerError(request: IncomingMessage): HallpassError | null {
  const { headers } = request
  const foreign =
    headers.origin !== undefined || headers['sec-fetch-site'] !== undefined || headers.host !== CONTROL_HOST
  return foreign
    ? new HallpassError(
        'FORBIDDEN_ORIGIN',
        'The control socket only accepts the Hallpass command line and desktop app.',
      )
    : null
}

function sendError(response: ServerResponse, error: HallpassError): void {
  if (response.headersSent) {
    response.destroy()
    return
  }
  response
    .writeHead(error.status, { 'content-type': 'application/json' })
    .end(JSON.stringify(errorBody(error, randomUUID())))
}

function rejectUpgrade(socket: Duplex, error: HallpassError): void {
  if (socket.writableEnded || socket.destroyed) return
  const body = JSON.stringify(errorBody(error, randomUUID()))
  socket.end(
    `HTTP/1.1 ${error.status} Rejected\r\nConnection: close\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  )
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve)
  })
}

function listen(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(path, () => {
      server.off('error', reject)
      resolve()
    })
  })
}
