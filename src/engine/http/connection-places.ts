import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Reserves connections for callers with a valid token: idle connections of strangers are closed first. */
export interface ConnectionPlaces {
  /** Marks a connection on which a valid token was sent. */
  trust(socket: Socket): void
}

/** Strangers can use at most half of the connections. A new one replaces their oldest idle connection. */
export function createConnectionPlaces(server: Server, maxConnections: number): ConnectionPlaces {
  const maxStrangers = Math.max(1, Math.floor(maxConnections / 2))
  // A Set keeps its order, so the oldest come first.
  const strangers = new Set<Socket>()
  const busy = new WeakMap<Socket, number>()

  server.on('connection', (socket: Socket) => {
    strangers.add(socket)
    socket.once('close', () => strangers.delete(socket))
    if (strangers.size <= maxStrangers) return
    const idle = firstOf(strangers, (each) => each !== socket && (busy.get(each) ?? 0) === 0)
    ;(idle ?? socket).destroy()
  })
  server.on('request', (request, response) => {
    const { socket } = request
    busy.set(socket, (busy.get(socket) ?? 0) + 1)
    response.once('close', () => busy.set(socket, (busy.get(socket) ?? 1) - 1))
  })

  return { trust: (socket) => void strangers.delete(socket) }
}

function firstOf<T>(values: Iterable<T>, holds: (value: T) => boolean): T | null {
  for (const value of values) if (holds(value)) return value
  return null
}
