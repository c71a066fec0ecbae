import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import { addressGroup } from '../egress/address-class.ts'

/** Keeps places for callers with a valid token: connections without one are limited, and idle ones are closed first. */
export interface ConnectionPlaces {
  /** Counts a connection for the holder of the valid token that was sent on it, or for a stranger if null. */
  assign(socket: Socket, holder: string | null): void
}

interface Place {
  socket: Socket
  /** Group of addresses, or holder of the valid token. */
  owner: string
  isTrusted: boolean
  requests: number
}

/** Half of the places are for strangers and half for holders of tokens. One owner can use at most half of its half. */
const SHARE_OF_OWNER = 4

/**
 * An owner that exceeds its share loses its oldest idle connection, and the owner with the most connections if a half
 * is full. Strangers lose busy ones too, so that the next caller always gets a chance to send its token.
 * Connections from `isShared` addresses carry requests of many callers, so no share applies to these addresses.
 */
export function createConnectionPlaces(
  server: Server,
  connections: number,
  isShared: (address: string) => boolean = () => false,
): ConnectionPlaces {
  const maxPerHalf = Math.max(1, Math.floor(connections / 2))
  const maxPerOwner = Math.max(1, Math.floor(connections / SHARE_OF_OWNER))
  const strangers = createHalf()
  const holders = createHalf()
  const places = new WeakMap<Socket, Place>()
  /** For TLS, where requests have another socket than the connection: both have the same peer. */
  const byPeer = new Map<string, Place>()

  server.on('connection', (socket: Socket) => {
    // Only proxies are accepted, and this isn't one.
    if (socket.destroyed) return
    const peer = peerOf(socket)
    const place: Place = { socket, owner: strangerOf(socket), isTrusted: false, requests: 0 }
    places.set(socket, place)
    byPeer.set(peer, place)
    socket.once('close', () => {
      // A new connection can have the same peer by now.
      if (byPeer.get(peer) === place) byPeer.delete(peer)
      halfOf(place).remove(place)
    })
    strangers.add(place)
    const full = fullOwner(strangers, place)
    if (full !== null) (oldest(full, place, true) ?? oldest(full, place, false))?.socket.destroy()
  })
  server.on('secureConnection', (socket: Socket) => {
    const place = byPeer.get(peerOf(socket))
    if (place !== undefined) places.set(socket, place)
  })
  for (const event of ['request', 'checkContinue', 'checkExpectation'] as const)
    server.on(event, (request, response) => {
      const place = places.get(request.socket)
      if (place === undefined) return
      place.requests += 1
      response.once('close', () => (place.requests -= 1))
    })

  function strangerOf(socket: Socket): string {
    const address = socket.remoteAddress ?? ''
    return isShared(address) ? '' : addressGroup(address)
  }

  function halfOf(place: Place): Half {
    return place.isTrusted ? holders : strangers
  }

  /** Returns the connections of the owner that has to give one up, or null. */
  function fullOwner(half: Half, { owner }: Place): ReadonlySet<Place> | null {
    const own = half.of(owner)
    if (owner !== '' && own.size > maxPerOwner) return own
    return half.size > maxPerHalf ? half.largest() : null
  }

  function move(place: Place, owner: string, isTrusted: boolean): void {
    halfOf(place).remove(place)
    place.owner = owner
    place.isTrusted = isTrusted
    halfOf(place).add(place)
  }

  return {
    assign(socket, holder) {
      const place = places.get(socket)
      if (place === undefined || (holder === null ? !place.isTrusted : place.isTrusted && place.owner === holder))
        return
      if (holder === null) return move(place, strangerOf(socket), false)
      move(place, holder, true)
      const full = fullOwner(holders, place)
      if (full === null) return
      const idle = oldest(full, place, true)
      // Connections with running requests of a valid token are kept, so this one has no separate place.
      if (idle === null) move(place, strangerOf(socket), false)
      else idle.socket.destroy()
    },
  }
}

interface Half {
  readonly size: number
  of(owner: string): ReadonlySet<Place>
  largest(): ReadonlySet<Place>
  add(place: Place): void
  remove(place: Place): void
}

const NONE: ReadonlySet<Place> = new Set()

/** Sets keep their order, so the oldest connections of an owner come first. */
function createHalf(): Half {
  const owners = new Map<string, Set<Place>>()
  let size = 0
  return {
    get size() {
      return size
    },
    of: (owner) => owners.get(owner) ?? NONE,
    largest: () =>
      [...owners.values()].reduce<ReadonlySet<Place>>((most, own) => (own.size > most.size ? own : most), NONE),
    add(place) {
      const own = owners.get(place.owner)
      if (own === undefined) owners.set(place.owner, new Set([place]))
      else own.add(place)
      size += 1
    },
    remove(place) {
      const own = owners.get(place.owner)
      if (own?.delete(place) !== true) return
      if (own.size === 0) owners.delete(place.owner)
      size -= 1
    },
  }
}

function oldest(places: ReadonlySet<Place>, except: Place, isIdle: boolean): Place | null {
  for (const place of places)
    if (place !== except && !place.socket.destroyed && (place.requests === 0 || !isIdle)) return place
  return null
}

function peerOf({ remoteAddress, remotePort, localAddress }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localAddress}`
}
