import { HallpassError } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'

/** Place of one session with the upstream. */
export interface LinkPlace {
  /** Key of the token that uses it, or undefined for Hallpass itself. */
  readonly owner: string | undefined
  close(): Promise<void>
  /** Time when its session's last request ended. Null while it is opening or working. */
  quietSince(): number | null
  /** Notifies the session that its link is closed. */
  leave(): void
}

/** The sessions of one connection, each of which may be a process, so that they are limited and shared between tokens. */
interface LinkPlaces {
  readonly size: number
  /** Adds a place. If there are too many, closes an idle session, or else throws RATE_LIMITED. */
  take(place: LinkPlace): Promise<void>
  replace(place: LinkPlace, by: LinkPlace): void
  remove(place: LinkPlace): void
  closeAll(): Promise<void>
}

const MAX_LINKS = 128
/** No token uses more than half, so that its running calls never keep the others out. */
const MAX_OF_OWNER = MAX_LINKS / 2
/** A session that was used just now will probably be used again. */
const QUIET_MS = 1000

export function createLinkPlaces(clock: Pick<Clock, 'monotonic'>): LinkPlaces {
  const places = new Set<LinkPlace>()
  const leaving = new Set<LinkPlace>()

  function staying(owner?: string): LinkPlace[] {
    return [...places].filter((one) => !leaving.has(one) && (owner === undefined || one.owner === owner))
  }

  /** Closes the session that was idle longest. It reopens with its next request. */
  async function closeIdlest(crowd: readonly LinkPlace[], max: number, whose: string): Promise<void> {
    const before = clock.monotonic() - QUIET_MS
    const quiet = crowd.flatMap((one) => {
      const since = one.quietSince()
      return since === null || since > before ? [] : [{ one, since }]
    })
    const idlest = quiet.toSorted((one, other) => one.since - other.since)[0]?.one
    if (idlest === undefined)
      throw new HallpassError(
        'RATE_LIMITED',
        `${whose} already has ${max} busy sessions with this MCP server. Try again when one of them is finished.`,
      )
    leaving.add(idlest)
    idlest.leave()
    await idlest.close()
  }

  return {
    get size() {
      return places.size
    },
    async take(place) {
      // Reserved while it opens, so that several at once don't exceed the limit.
      places.add(place)
      try {
        const own = place.owner === undefined ? [] : staying(place.owner)
        const all = staying()
        if (own.length > MAX_OF_OWNER) await closeIdlest(own, MAX_OF_OWNER, 'This token')
        else if (all.length > MAX_LINKS) await closeIdlest(all, MAX_LINKS, 'Hallpass')
      } catch (thrown) {
        places.delete(place)
        throw thrown
      }
    },
    replace(place, by) {
      places.delete(place)
      places.add(by)
    },
    remove(place) {
      places.delete(place)
      leaving.delete(place)
    },
    async closeAll() {
      const all = [...places]
      places.clear()
      await Promise.all(all.map((place) => place.close()))
    },
  }
}
