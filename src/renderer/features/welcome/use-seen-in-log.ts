import { useEffect, useState } from 'react'
import { eachRow } from '../../../contract/owner-api/log-events.ts'
import type { RequestRecord } from '../../../contract/records.ts'
import { useApi, type Api } from '../../lib/api.tsx'

/** The first row that matches each question, or null. */
export type Seen<Question extends string> = Record<Question, RequestRecord | null>
type Questions<Question extends string> = Readonly<Record<Question, (row: RequestRecord) => boolean>>

const PAGES = 12
const PAGE_ROWS = 500
const RETRY_MS = 2000

/**
 * Looks for rows of a project that match the questions, first in the log and then among new rows. `questions` must be
 * constant.
 */
export function useSeenInLog<Question extends string>(
  project: string | null,
  questions: Questions<Question>,
): Seen<Question> {
  const { owner } = useApi()
  const [found, setFound] = useState<{ project: string | null; seen: Partial<Seen<Question>> }>({
    project: null,
    seen: {},
  })
  useEffect(() => {
    if (project === null) return
    const leaving = new AbortController()
    const missing = new Set(Object.keys(questions) as Question[])
    const look = (row: RequestRecord): boolean => {
      for (const question of missing) {
        if (!questions[question](row)) continue
        missing.delete(question)
        setFound((before) => ({
          project,
          seen: { ...(before.project === project ? before.seen : {}), [question]: row },
        }))
      }
      return missing.size === 0
    }
    void watch(owner, project, look, leaving)
    return () => leaving.abort()
  }, [owner, project, questions])
  return { ...nothing(questions), ...(found.project === project ? found.seen : {}) }
}

function nothing<Question extends string>(questions: Questions<Question>): Seen<Question> {
  return Object.fromEntries(Object.keys(questions).map((question) => [question, null])) as Seen<Question>
}

/** Runs until all are found or the signal aborts. Retries if the engine is lost. */
async function watch(
  owner: Api['owner'],
  project: string,
  look: (row: RequestRecord) => boolean,
  leaving: AbortController,
): Promise<void> {
  const { signal } = leaving
  while (!signal.aborted) {
    try {
      // Subscribes before reading the past, so that no row is missed in between.
      const coming = await owner.requests.follow({ project }, { signal })
      if (await scanBackward(owner, project, look, signal)) return leaving.abort()
      for await (const row of eachRow(coming)) if (look(row)) return leaving.abort()
    } catch {
      // The banner already says that the engine is lost.
      if (signal.aborted) return
    }
    await new Promise((resolve) => {
      setTimeout(resolve, RETRY_MS)
    })
  }
}

async function scanBackward(
  owner: Api['owner'],
  project: string,
  look: (row: RequestRecord) => boolean,
  signal: AbortSignal,
): Promise<boolean> {
  let before: number | null | undefined
  for (let page = 0; page < PAGES && before !== null; page += 1) {
    const { rows, next_before_id: next } = await owner.requests.scan(
      { project, limit: PAGE_ROWS, ...(before === undefined ? {} : { before_id: before }) },
      { signal },
    )
    if (rows.some(look)) return true
    before = next
  }
  return false
}
