import { createHash } from 'node:crypto'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import type { Principal } from '../access/principal.ts'
import type { Clock } from '../clock.ts'
import type { BulkProgress } from '../documents/document-connector.ts'

/** What a key was used for. */
export interface KeyedWrite {
  principal: Principal
  key: string
  connection: string
  method: string
  /** Signal of the call. If it is aborted, the write may have happened. */
  signal: AbortSignal
  /** Called if the response is that of an earlier request. */
  onReplay: () => void
}

/**
 * Lets a caller repeat a write whose response it never received. Keys are only in memory and are lost when Hallpass
 * restarts. A failure that changed nothing isn't remembered, so the same request can be sent again.
 */
export interface IdempotencyKeys {
  call<T>(write: KeyedWrite, fields: object, run: () => Promise<T>): Promise<T>
  load(
    write: KeyedWrite,
    pieces: AsyncIterable<Uint8Array>,
    run: (pieces: AsyncIterable<Uint8Array>) => AsyncIterable<BulkProgress>,
  ): AsyncIterable<BulkProgress>
}

interface Use {
  /** Hash of the request. Null while the body is still arriving, and if it never arrived completely. */
  fingerprint: string | null
  outcome: Promise<Outcome>
  running: boolean
  /** Stops the timer that forgets the key, which would keep the response in memory. */
  cancel: () => void
}

/** `text` is null for a response that is too long to store. */
type Outcome = { text: string | null } | { error: HallpassError } | 'unknown' | 'nothing'

const LIFE_MS = 15 * 60_000
const MAX_KEYS = 1000
const MAX_ANSWER = 256 * 1024

export function createIdempotencyKeys(clock: Clock): IdempotencyKeys {
  const owners = new Map<string, Map<string, Use>>()

  function begin(write: KeyedWrite, fingerprint: string | null): { end(outcome: Outcome): void; use: Use } {
    const owner = ownerOf(write.principal)
    const uses = owners.get(owner) ?? new Map<string, Use>()
    owners.set(owner, uses)
    for (const [oldest, { running, cancel }] of uses) {
      if (uses.size < MAX_KEYS) break
      if (running) continue
      cancel()
      uses.delete(oldest)
    }
    let settle: (outcome: Outcome) => void = () => {}
    const outcome = new Promise<Outcome>((resolve) => {
      settle = resolve
    })
    const use: Use = { fingerprint, running: true, outcome, cancel: () => {} }
    const name = nameOf(write)
    uses.set(name, use)
    const forget = (): void => {
      if (uses.get(name) === use) uses.delete(name)
      if (uses.size === 0 && owners.get(owner) === uses) owners.delete(owner)
    }
    return {
      use,
      end(done) {
        use.running = false
        settle(done)
        if (done === 'nothing') forget()
        else use.cancel = clock.after(LIFE_MS, forget)
      },
    }
  }

  const find = (write: KeyedWrite): Use | undefined => owners.get(ownerOf(write.principal))?.get(nameOf(write))

  return {
    async call(write, fields, run) {
      const fingerprint = createHash('sha256').update(JSON.stringify(fields)).digest('hex')
      for (;;) {
        const earlier = find(write)
        if (earlier === undefined) break
        if (earlier.fingerprint !== fingerprint) throw otherRequest()
        const outcome = await earlier.outcome
        // The first request failed without changing anything, so this one can try.
        if (outcome === 'nothing') continue
        return JSON.parse(repeated(outcome, write)) as Awaited<ReturnType<typeof run>>
      }
      const { end } = begin(write, fingerprint)
      try {
        const data = await run()
        const text = JSON.stringify(data)
        end({ text: text.length > MAX_ANSWER ? null : text })
        return data
      } catch (thrown) {
        end(outcomeOf(thrown, write.signal))
        throw thrown
      }
    },

    async *load(write, pieces, run) {
      const hash = createHash('sha256')
      const earlier = find(write)
      if (earlier !== undefined) {
        for await (const piece of pieces) hash.update(piece)
        const outcome = await earlier.outcome
        if (outcome === 'nothing')
          throw new HallpassError(
            'DOCUMENT_BUSY',
            'The first request with this key failed. Nothing was changed. Try again.',
          )
        if (earlier.fingerprint !== null && earlier.fingerprint !== hash.digest('hex')) throw otherRequest()
        yield JSON.parse(repeated(outcome, write)) as BulkProgress
        return
      }
      const { end, use } = begin(write, null)
      let last: BulkProgress = { stored: 0, line: 0 }
      let outcome: Outcome = 'unknown'
      async function* hashed(): AsyncIterable<Uint8Array> {
        for await (const piece of pieces) {
          hash.update(piece)
          yield piece
        }
        use.fingerprint = hash.digest('hex')
      }
      try {
        for await (const progress of run(hashed())) {
          last = progress
          yield progress
        }
        outcome = { text: JSON.stringify(last) }
      } catch (thrown) {
        outcome = outcomeOf(thrown, write.signal)
        // The batches before the failure are stored.
        if (outcome === 'nothing' && last.stored > 0) outcome = 'unknown'
        throw thrown
      } finally {
        end(outcome)
      }
    },
  }
}

/** Session tokens of one token share its keys, because a retry often comes with the next session token. */
function ownerOf({ project, parent, name }: Principal): string {
  return JSON.stringify([project.id, parent ?? name])
}

function nameOf({ key, connection, method }: KeyedWrite): string {
  return JSON.stringify([connection, method, key])
}

/** A failure that stored something becomes the response to every repetition of the request. */
function outcomeOf(thrown: unknown, signal: AbortSignal): Outcome {
  if (!(thrown instanceof HallpassError) || signal.aborted) return 'unknown'
  const { details = {} } = thrown
  if (thrown.code === 'UPSTREAM_TIMEOUT' || details['sent'] === 'unknown' || details['uncertain'] === true)
    return 'unknown'
  const stored = ['stored', 'remaining', 'updated'].some((name) => Number(details[name] ?? 0) > 0)
  return stored ? { error: thrown } : 'nothing'
}

function repeated(outcome: Exclude<Outcome, 'nothing'>, { onReplay }: KeyedWrite): string {
  if (outcome === 'unknown')
    throw new HallpassError(
      'UPSTREAM_TIMEOUT',
      "The outcome of the first request with this key is unknown, so it isn't sent again. Check the records, then use another key.",
      { details: { sent: 'unknown' }, upstreamBlameless: true },
    )
  onReplay()
  if ('error' in outcome) throw outcome.error
  if (outcome.text !== null) return outcome.text
  throw invalidRequest(
    'The first request with this key succeeded, but its response is too long to be repeated.',
    'Idempotency-Key',
    { details: { sent: 'yes' } },
  )
}

function otherRequest(): HallpassError {
  return invalidRequest('This key was used for a different request. Use a new key.', 'Idempotency-Key')
}
