import { randomBytes } from 'node:crypto'
import type { Principal } from '../../../access/principal.ts'
import type { Clock } from '../../../clock.ts'
import { ownerOf } from '../../serve/sessions/session-pool.ts'

/** A result that was too long for a model: its structured content or its text. */
export type WholeAnswer = Record<string, unknown> | string

/** Long results of upstreams, in memory for ten minutes. Each belongs to the token that made the call. */
export interface AnswerStore {
  /** Returns an ID to read it with, or null if it is too long to store. */
  store(principal: Principal, answer: WholeAnswer, size: number, about: AnswerSource): string | null
  /** Returns null if the ID is unknown, expired or another token's. */
  find(principal: Principal, id: string): { answer: WholeAnswer; about: AnswerSource } | null
  clear(): void
}

/** The tool that returned it. Reading the rest requires permission to call that tool. */
interface AnswerSource {
  connection: string
  tool: string
}

const LIFE_MS = 10 * 60_000
const MAX_ANSWER = 32 * 1024 * 1024
const MAX_TOTAL = 128 * 1024 * 1024

interface Stored {
  owner: string
  answer: WholeAnswer
  about: AnswerSource
  size: number
  remove: () => void
}

export function createAnswerStore(clock: Clock): AnswerStore {
  const answers = new Map<string, Stored>()
  let total = 0

  function remove(id: string): void {
    const stored = answers.get(id)
    if (stored === undefined) return
    answers.delete(id)
    total -= stored.size
    stored.remove()
  }

  /** Removes the oldest answer of the token that stores most, so that no token can evict all answers of others. */
  function evict(): void {
    const sizes = new Map<string, number>()
    for (const { owner, size } of answers.values()) sizes.set(owner, (sizes.get(owner) ?? 0) + size)
    const [largest] = [...sizes].toSorted(([, one], [, other]) => other - one)[0] ?? []
    for (const [id, { owner }] of answers) if (owner === largest) return remove(id)
  }

  return {
    store(principal, answer, size, about) {
      if (size > MAX_ANSWER || principal.signal.aborted) return null
      while (total + size > MAX_TOTAL) evict()
      const id = randomBytes(9).toString('base64url')
      const onEnd = (): void => remove(id)
      const cancel = clock.after(LIFE_MS, onEnd)
      principal.signal.addEventListener('abort', onEnd, { once: true })
      answers.set(id, {
        owner: ownerOf(principal),
        answer,
        about,
        size,
        remove() {
          cancel()
          principal.signal.removeEventListener('abort', onEnd)
        },
      })
      total += size
      return id
    },
    find(principal, id) {
      const stored = answers.get(id)
      return stored === undefined || stored.owner !== ownerOf(principal) ? null : stored
    },
    clear() {
      for (const id of answers.keys()) remove(id)
    },
  }
}
