import { lookup as systemLookup, type LookupAddress } from 'node:dns'
import { isIP, type LookupFunction, type Socket } from 'node:net'
import { networkInterfaces } from 'node:os'
import type { buildConnector } from 'undici'
import { HallpassError } from '../../contract/errors.ts'
import { classOf, plainAddress } from './address-class.ts'
import type { BaseAddress } from './base-address.ts'

export interface DialRules {
  /** Set if the owner allows a host in a private network. */
  pinned: boolean
  /** Set if requests carry no secret, or if the owner allows sending it to a public address without TLS. */
  plainHttp: boolean
  /** Port that Hallpass listens on. Null if it doesn't. */
  ownPort: () => number | null
}

/** Resolves a host name to all its addresses. Tests can replace it. */
export type Resolve = (hostname: string, found: (error: Error | null, addresses: LookupAddress[]) => void) => void

const resolveBySystem: Resolve = (hostname, found) =>
  systemLookup(hostname, { all: true }, (error, addresses) => found(error, addresses ?? []))

/**
 * Returns why an address must not be dialed for this base, or null. Checked at the moment of dialing, because a name
 * that was harmless when the owner entered it can resolve to another address later.
 */
export function dialProblem(base: BaseAddress, address: string, rules: DialRules): string | null {
  const kind = classOf(address)
  const literal = isIP(base.hostname) !== 0
  if (base.port === rules.ownPort() && (kind === 'loopback' || isUnspecified(address) || isOurs(address))) {
    return `${base.origin} is Hallpass itself. A connection to it would loop forever.`
  }
  if (kind === 'metadata')
    return `${base.hostname === address ? address : `${base.hostname} resolves to ${address}, which`} is a cloud metadata service. Hallpass never connects to one, because it returns credentials.`
  if (kind === 'public' && !base.secure && !rules.plainHttp)
    return `The connection to ${base.origin} isn't encrypted, so others could read the secret. Use https://, or allow plain HTTP (--plain-http).`
  if (literal)
    return isUnspecified(address) ? `${base.origin} isn't a valid host. Use 127.0.0.1 for this computer.` : null
  if (base.hostname === 'localhost' || base.hostname.endsWith('.localhost'))
    return kind === 'loopback' ? null : `${base.hostname} resolves to ${address}, which isn't this computer.`
  if (kind === 'never')
    return `${base.hostname} resolves to ${address}, which isn't allowed for a host name. Enter the address itself.`
  if (kind === 'public' || rules.pinned) return null
  return `${base.hostname} resolves to ${address}, an address on this computer or in a private network. To allow it, allow a host in a private network (--pin).`
}

/** Returns an undici connector that checks every address before dialing and again after connecting. */
export function guardedConnector(
  build: typeof buildConnector,
  base: BaseAddress,
  rules: DialRules,
  options: { timeoutMs: number; resolve?: Resolve; ca?: string },
): buildConnector.connector {
  const resolve = options.resolve ?? resolveBySystem
  const lookup: LookupFunction = (hostname, wanted, callback) => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) return callback(error, '')
      const problems = addresses.map(({ address }) => dialProblem(base, address, rules))
      const allowed = addresses.filter((_, index) => problems[index] === null)
      const [first] = allowed
      if (first === undefined)
        return callback(forbidden(problems[0] ?? `Host not found: ${hostname}. Check the URL.`), '')
      if (wanted.all === true) return callback(null, allowed)
      return callback(null, first.address, first.family)
    })
  }
  const connect = build({
    timeout: options.timeoutMs,
    rejectUnauthorized: true,
    lookup,
    ...(options.ca === undefined ? {} : { ca: options.ca }),
  })
  return (target, callback) => {
    const problem = isIP(base.hostname) === 0 ? null : dialProblem(base, base.hostname, rules)
    if (problem !== null) {
      queueMicrotask(() => callback(forbidden(problem), null))
      return
    }
    connect(target, (...reply) => {
      const [error, socket] = reply
      if (error !== null) return callback(whileDialling(error, base), null)
      const reached = reachedProblem(socket, base, rules)
      if (reached === null) return callback(null, socket)
      socket.destroy()
      return callback(forbidden(reached), null)
    })
  }
}

/** If a connection breaks before TLS is established, the server most often doesn't support TLS. */
function whileDialling(error: Error, base: BaseAddress): Error {
  const code = (error as NodeJS.ErrnoException).code
  if (!base.secure || (code !== 'ECONNRESET' && code !== 'EPIPE')) return error
  return forbidden(
    `TLS connection to ${base.origin} failed (${code}). Check whether the URL should start with https:// or http://.`,
  )
}

function reachedProblem(socket: Socket, base: BaseAddress, rules: DialRules): string | null {
  return socket.remoteAddress === undefined ? null : dialProblem(base, socket.remoteAddress, rules)
}

function forbidden(sentence: string): HallpassError {
  return new HallpassError('UPSTREAM_ERROR', sentence)
}

function isUnspecified(address: string): boolean {
  return ['0.0.0.0', '::'].includes(plainAddress(address))
}

function isOurs(address: string): boolean {
  const plain = plainAddress(address)
  return Object.values(networkInterfaces()).some(
    (entries) => entries?.some((entry) => entry.address === plain) === true,
  )
}
