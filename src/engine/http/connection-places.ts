import type { Server } from 'node:http'
import type { Socket } from 'node:net'

/** Keeps places for those who have shown a valid token: idle connections of strangers are the first to go. */
export interface ConnectionPlaces {
  /** The connection has carried a valid token. */
  trust(socket: Socket): void
}

/** Strangers together hold at most half of the places, and the oldest idle one of them makes room for a newcomer. */
export function createConnectionPlaces(server: Server, maxConnections: number): ConnectionPlaces {
  const maxStrangers = Math.max(1, Math.floor(maxConnections / 2))
  // A set keeps its order, so the oldest come first.
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
