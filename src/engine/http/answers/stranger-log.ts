import type { Clock } from '../../clock.ts'
import type { RequestLog, RequestOpening, RequestOutcome } from '../../log/request-log.ts'

const WINDOW_MS = 60_000
/** Maximum number of addresses and causes with separate rows per window. The others share one row. */
const MAX_COUNTED = 8
/** This many attempts within a window get a second row without waiting for its end. */
const NOTICED = 5

interface Counted {
  opening: RequestOpening
  outcome: RequestOutcome
  count: number
  /** True once it was repeated often enough for a row within the window. */
  noticed: boolean
}

/**
 * Denials of callers without a valid token: at most three rows per minute for each address, cause and former token, with
 * their number in `records`.
 */
export interface StrangerLog {
  count(address: string, opening: RequestOpening, outcome: RequestOutcome): void
  close(): void
}

/**
 * Anybody who can reach the port can cause denials. A row for each would fill the log, and retention would then delete
 * the rows of tokens, so they are counted. The first one in a window is written immediately.
 */
export function createStrangerLog(log: Pick<RequestLog, 'rejected'>, clock: Clock): StrangerLog {
  let counted = new Map<string, Counted>()
  let windowStart = -Infinity
  let timer: NodeJS.Timeout | null = null

  function flush(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    const ended = counted
    counted = new Map()
    for (const { opening, outcome, count } of ended.values())
      if (count > 0) log.rejected(opening, { ...outcome, records: count })
  }

  return {
    count(address, opening, outcome) {
      const now = clock.monotonic()
      if (now - windowStart >= WINDOW_MS) {
        flush()
        windowStart = now
      }
      const cause = `${address} ${outcome.code ?? ''} ${opening.project ?? ''}/${opening.token ?? ''}`
      const key = counted.has(cause) || counted.size < MAX_COUNTED ? cause : 'others'
      const known = counted.get(key)
      if (known !== undefined) {
        known.count += 1
        // A row that counts several tokens has no token hash and no time of arrival.
        const { arrived: _arrived, ...shared } = known.opening
        known.opening =
          shared.token_hash === opening.token_hash ? shared : { ...shared, token_hash: null, token_prefix: null }
        known.outcome = outcome
        // The fifth attempt gets a row immediately, because five attempts need the owner's attention.
        if (known.count === NOTICED - 1 && !known.noticed) {
          known.noticed = true
          log.rejected(known.opening, { ...outcome, records: known.count })
          known.count = 0
          return
        }
        timer ??= setTimeout(flush, WINDOW_MS).unref()
        return
      }
      counted.set(key, { opening, outcome, count: 0, noticed: false })
      log.rejected(opening, { ...outcome, records: 1 })
    },
    close: flush,
  }
}
