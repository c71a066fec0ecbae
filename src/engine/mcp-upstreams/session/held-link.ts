import type { PeerHandlers } from './rpc-peer.ts'
import type { ClientWishes } from './take-up.ts'
import type { UpstreamLink } from './upstream-link.ts'

/** The link of a session, opened when needed and reopened after it broke. */
interface HeldLink {
  open(): Promise<UpstreamLink>
  /** The link if it is open, so that most requests don't wait. */
  readonly current: UpstreamLink | null
  /** Returns the link that is open or opening; null if there is none. */
  now(): Promise<UpstreamLink | null>
  /** Closes this link, unless another has replaced it. The next request opens a new one. */
  drop(link: UpstreamLink): Promise<void>
}

export function createHeldLink(
  connect: (handlers: Pick<PeerHandlers, 'closed'>) => Promise<UpstreamLink>,
  wishes: ClientWishes,
  closing: AbortSignal,
): HeldLink {
  let opening: Promise<UpstreamLink> | null = null
  let current: UpstreamLink | null = null

  function forget(link: UpstreamLink): void {
    wishes.lost()
    opening = null
    current = null
    void link.close()
  }

  async function openAgain(): Promise<UpstreamLink> {
    let link: UpstreamLink | null = null
    link = await connect({
      // While it opens, the opening itself fails.
      closed: () => {
        if (link !== null) forget(link)
      },
    })
    await wishes.takeUp(link)
    return link
  }

  const now = async (): Promise<UpstreamLink | null> => (await opening?.catch(() => null)) ?? null

  return {
    open() {
      if (closing.aborted) return Promise.reject(closing.reason as Error)
      if (opening === null) {
        const mine = openAgain()
        opening = mine
        mine.then(
          (link) => {
            if (opening === mine) current = link
          },
          () => {
            if (opening === mine) opening = null
          },
        )
      }
      return opening
    },
    get current() {
      return closing.aborted ? null : current
    },
    now,
    async drop(link) {
      if ((await now()) === link) forget(link)
    },
  }
}
