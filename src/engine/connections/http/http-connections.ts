import { HallpassError } from '../../../contract/errors.ts'
import type { HttpConnectionConfig } from '../../../contract/http-connection.ts'
import type { Clock } from '../../clock.ts'
import type { Secret } from '../../secrets/secret.ts'
import type { ConnectionRow } from '../../store/rows.ts'
import type { Store } from '../../store/store.ts'
import type { Resolve } from './dial-guard.ts'
import { createHttpUpstream, type HttpUpstream } from './http-upstream.ts'
import { probeUpstream } from './probe-upstream.ts'

export interface OpenHttpConnection { row: ConnectionRow; upstream: HttpUpstream; secret: () => Promise<Secret> }

/** The `http` connections that are open, each at its first use. */
export interface HttpConnections {
  /** INVALID_REQUEST when there is no such connection, or it is no HTTP API. */
  open(name: string): OpenHttpConnection
  /** The same, or null when there is no HTTP API of that name. */
  find(name: string): OpenHttpConnection | null
  /** Tries what is not stored yet; throws the sentence that says what is wrong. */
  check(config: HttpConnectionConfig, secret: () => Promise<Secret>, signal: AbortSignal): Promise<void>
  /** Tries a stored connection. */
  test(name: string, signal: AbortSignal): Promise<void>
  forget(connectionId: number): Promise<void>
  close(): Promise<void>
}

export function createHttpConnections(parts: {
  store: Pick<Store, 'read'>
  clock: Clock
  fetchSecret: (row: ConnectionRow) => Promise<Secret>
  /** Port that Hallpass listens on; null while it does not. */
  ownPort: () => number | null
  resolve?: Resolve
  ca?: string
}): HttpConnections {
  const { store, clock, fetchSecret, ownPort } = parts
  const opened = new Map<number, HttpUpstream>()
  const dial = { ...(parts.resolve === undefined ? {} : { resolve: parts.resolve }), ...(parts.ca === undefined ? {} : { ca: parts.ca }) }

  function upstreamOf(row: ConnectionRow): HttpUpstream {
    let upstream = opened.get(row.id)
    if (upstream === undefined) {
      upstream = createHttpUpstream({ config: { kind: 'http', ...row.config } as HttpConnectionConfig, clock, ownPort, ...dial })
      opened.set(row.id, upstream)
    }
    return upstream
  }

  function find(name: string): OpenHttpConnection | null {
    const row = store.read.connection(name)
    return row?.kind === 'http' ? { row, upstream: upstreamOf(row), secret: () => fetchSecret(row) } : null
  }

  function open(name: string): OpenHttpConnection {
    const found = find(name)
    if (found !== null) return found
    const kind = store.read.connection(name)?.kind
    if (kind === undefined) throw new HallpassError('INVALID_REQUEST', `There is no connection named “${name}”.`)
    const way = kind === 'mcp' ? 'use its tools over MCP' : 'send document methods to POST /api/v1/proxy'
    throw new HallpassError('INVALID_REQUEST', `“${name}” is no HTTP API but of kind ${kind}: ${way}.`)
  }

  return {
    open,
    find,
    async check(config, secret, signal) {
      const upstream = createHttpUpstream({ config, clock, ownPort, ...dial })
      try {
        await probeUpstream(upstream, config, { signal, secret })
      } finally {
        await upstream.close()
      }
    },
    async test(name, signal) {
      const { row, upstream, secret } = open(name)
      await probeUpstream(upstream, { kind: 'http', ...row.config } as HttpConnectionConfig, { signal, secret })
    },
    async forget(connectionId) {
      const upstream = opened.get(connectionId)
      opened.delete(connectionId)
      await upstream?.close()
    },
    async close() {
      const all = [...opened.values()]
      opened.clear()
      await Promise.all(all.map((upstream) => upstream.close()))
    },
  }
}
