import type { Clock } from '../clock.ts'
import type { Store } from '../store/store.ts'
import type { RequestLog, RequestOpening } from './request-log.ts'

/** When a client, by the name that it reports, last used a project. */
interface Sighting {
  project: string
  client: string
  version: string | null
  seenAt: number
}

/** Remembers when MCP clients were last seen, also across restarts. */
export interface ClientSightings {
  /** Returns the log with the client of every MCP request noted. */
  watching<Log extends Pick<RequestLog, 'open' | 'rejected'>>(log: Log): Log
  of(project: string): Sighting[]
  /** Notes that a client's configuration was written, so that the client must be restarted. `entry` is null if it was removed. */
  wrote(project: string, clientId: string, entry: 'written' | null): void
  /** Returns when the configuration was written, in milliseconds since 1970, or null. */
  writtenAt(project: string, clientId: string): number | null
  /** Returns the entries that Hallpass wrote and didn't remove. */
  written(): readonly { project: string; client: string; at: number }[]
  close(): void
}

interface Stored {
  seen: Sighting[]
  written: { project: string; client: string; at: number }[]
}

const KEY = 'client_sightings'
const MAX_ENTRIES = 500
/** Clients can report any name, so the limit applies per project. */
const MAX_PER_PROJECT = 50
/** A power failure loses at most this much. */
const STORE_MS = 60_000

export function createClientSightings(parts: { store: Store; clock: Clock; onChange(): void }): ClientSightings {
  const { store, clock, onChange } = parts
  const stored = read(store.read.setting(KEY))
  const seen = new Map(stored.seen.map((one) => [keyOf(one.project, one.client), one]))
  const written = new Map(stored.written.map((one) => [keyOf(one.project, one.client), one]))
  let cancel: (() => void) | null = null

  function write(): void {
    cancel?.()
    cancel = null
    const newest = [...seen.values()].toSorted((one, other) => other.seenAt - one.seenAt).slice(0, MAX_ENTRIES)
    store.write.setSetting(KEY, JSON.stringify({ seen: newest, written: [...written.values()].slice(-MAX_ENTRIES) }))
  }

  function makeRoom(project: string): void {
    const own = [...seen].filter(([, one]) => one.project === project)
    const [oldest] = own.toSorted(([, one], [, other]) => one.seenAt - other.seenAt)
    if (own.length >= MAX_PER_PROJECT && oldest !== undefined) seen.delete(oldest[0])
  }

  function note({ transport, project, client }: RequestOpening): void {
    if (client === null || client === undefined || project === null || project === undefined) return
    if (transport !== 'mcp-http' && transport !== 'mcp-stdio') return
    const { name, version } = splitClient(client)
    const key = keyOf(project, name)
    const known = seen.get(key)
    if (known === undefined) {
      makeRoom(project)
      seen.set(key, { project, client: name, version, seenAt: clock.now() })
    } else {
      known.version = version
      known.seenAt = clock.now()
    }
    cancel ??= clock.after(STORE_MS, write)
    onChange()
  }

  return {
    watching: (log) =>
      Object.create(log, {
        open: {
          value: (opening: RequestOpening) => {
            const request = log.open(opening)
            note(opening)
            return request
          },
        },
        rejected: {
          value: (...[opening, outcome]: Parameters<RequestLog['rejected']>) => {
            log.rejected(opening, outcome)
            note(opening)
          },
        },
      }),
    of: (project) => [...seen.values()].filter((one) => one.project === project),
    wrote(project, client, entry) {
      const key = keyOf(project, client)
      written.delete(key)
      if (entry !== null) written.set(key, { project, client, at: clock.now() })
      write()
      onChange()
    },
    writtenAt: (project, client) => written.get(keyOf(project, client))?.at ?? null,
    written: () => [...written.values()],
    close() {
      if (cancel !== null) write()
    },
  }
}

/** Splits "name/1.2.3" as the log has it. A slash can also be part of the name. */
export function splitClient(text: string): { name: string; version: string | null } {
  const at = text.lastIndexOf('/')
  const version = text.slice(at + 1)
  return at > 0 && /^v?\d/.test(version) ? { name: text.slice(0, at), version } : { name: text, version: null }
}

function keyOf(project: string, client: string): string {
  return `${project}\n${client}`
}

function read(text: string | null): Stored {
  return text === null ? { seen: [], written: [] } : (JSON.parse(text) as Stored)
}
