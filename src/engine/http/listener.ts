import { createServer as createHttpServer, type RequestListener, type Server, type ServerOptions } from 'node:http'
import { createServer as createHttpsServer, Server as HttpsServer, type ServerOptions as TlsOptions } from 'node:https'
import type { Socket } from 'node:net'
import { HallpassError } from '../../contract/errors.ts'
import { classOf, plainAddress } from '../egress/address-class.ts'
import type { TrustedProxies } from './caller-address.ts'
import type { OwnAddress } from './front-door.ts'
import type { TlsPair } from './tls-files.ts'

const MIN_VERSION = 'TLSv1.2'

/** How other computers reach the server. */
export interface NetworkOptions {
  tls?: TlsPair
  /** Addresses and networks of reverse proxies whose X-Forwarded-For and X-Forwarded-Proto count. */
  trustedProxies?: readonly string[]
  /** Origin at which callers reach the server, if it isn't the listen address. */
  publicUrl?: string
}

export function createListener(options: ServerOptions & TlsOptions, answer: RequestListener): Server {
  return options.cert === undefined
    ? createHttpServer(options, answer)
    : createHttpsServer({ minVersion: MIN_VERSION, ...options }, answer)
}

/** New connections get the new certificate. Those that are open keep theirs. */
export function renewCertificate(server: Server, pair: TlsPair): void {
  if (server instanceof HttpsServer) server.setSecureContext({ minVersion: MIN_VERSION, ...pair })
}

/** Without TLS, other computers reach the server through their proxy only, so that no token crosses the network in plain text. */
export function acceptOnlyProxies(server: Server, proxies: TrustedProxies): void {
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress = '', localAddress = '' } = socket
    const isLocal = classOf(remoteAddress) === 'loopback' || plainAddress(remoteAddress) === plainAddress(localAddress)
    if (!isLocal && !proxies.includes(remoteAddress)) socket.destroy()
  })
}

export function listening(server: Server, { host, port }: OwnAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    const onError = (error: NodeJS.ErrnoException) => reject(listenFailure(error, host, port))
    server.once('error', onError)
    server.listen({ host, port }, () => {
      server.off('error', onError)
      resolve()
    })
  })
}

function listenFailure(error: NodeJS.ErrnoException, host: string, port: number): HallpassError {
  const cause = { cause: error }
  switch (error.code) {
    case 'EADDRINUSE':
      return new HallpassError(
        'INVALID_REQUEST',
        `Port ${port} is in use. Stop the other program, or set HALLPASS_PORT to a free port.`,
        cause,
      )
    case 'EACCES':
      return new HallpassError(
        'INVALID_REQUEST',
        `You don't have permission to use port ${port}. Set HALLPASS_PORT to a port above 1023.`,
        cause,
      )
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new HallpassError(
        'INVALID_REQUEST',
        `"${host}" isn't an address of this computer. Set HALLPASS_HOST to one of its addresses, or unset it.`,
        cause,
      )
    default:
      return new HallpassError(
        'INTERNAL',
        `Couldn't listen on ${host}, port ${port} (${error.code ?? 'unknown reason'}).`,
        cause,
      )
  }
}
