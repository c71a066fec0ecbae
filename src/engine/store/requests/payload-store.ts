import type { Database } from 'better-sqlite3'
import type { Payload } from '../../../contract/request-details.ts'
import { writing } from '../write-failure.ts'

/** A recorded payload, masked. */
export interface NewPayload {
  /** The request's row. */
  id: number
  projectId: number
  recordedAt: number
  payload: Payload
}

export interface PayloadStore {
  /** Stores payloads in one transaction, without those whose rows are gone. Returns the IDs of the stored ones. */
  write(payloads: readonly NewPayload[]): number[]
  /** Returns null for payloads that weren't recorded, or whose recording period is over. */
  read(id: number, now: number): Payload | null
  /** Deletes some of the payloads whose period is over, or that are too many. Call it until it returns 0. */
  prune(now: number): number
}

/** Beyond either, the oldest are deleted. */
const MAX_STORED = { bytes: 512 * 1024 * 1024, payloads: 100_000 }
/** Maximum number of payloads that one step deletes: a few milliseconds of work. */
const PRUNE_STEP = 50

interface StoredPayload {
  request: string
  response: string
}

/**
 * Recorded payloads, next to the rows of the log. Rows that are deleted take theirs with them. `settle` is called before each
 * write and waits for those of other threads.
 */
export function createPayloadStore(database: Database, settle: () => void, limits = MAX_STORED): PayloadStore {
  const insert = database.prepare<[number, number, number, number, string, string, number]>(
    `INSERT OR IGNORE INTO request_payloads (id, project_id, recorded_at, size, request, response)
       SELECT ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM requests WHERE id = ?)`,
  )
  const find = database.prepare<[number, number], StoredPayload>(
    `SELECT request, response FROM request_payloads JOIN projects ON projects.id = project_id
       WHERE request_payloads.id = ? AND recorded_at >= payloads_since AND payloads_until > ?`,
  )
  // Steps from one project to the next in the index. DISTINCT would read every entry.
  const projects = database
    .prepare<[], number>(
      `WITH RECURSIVE held (project) AS (
         SELECT min(project_id) FROM request_payloads UNION ALL
         SELECT (SELECT min(project_id) FROM request_payloads WHERE project_id > held.project) FROM held WHERE held.project IS NOT NULL
       ) SELECT project FROM held WHERE project IS NOT NULL`,
    )
    .pluck()
  const begun = database
    .prepare<[number, number], number>('SELECT payloads_since FROM projects WHERE id = ? AND payloads_until > ?')
    .pluck()
  const removeBefore = database.prepare<[number, number]>(
    `DELETE FROM request_payloads WHERE id IN (
       SELECT id FROM request_payloads WHERE project_id = ? AND recorded_at < ? LIMIT ${PRUNE_STEP})`,
  )
  const removeOldest = database.prepare(
    `DELETE FROM request_payloads WHERE id IN (SELECT id FROM request_payloads ORDER BY id LIMIT ${PRUNE_STEP})`,
  )
  const total = database.prepare<[], { bytes: number; payloads: number }>(
    'SELECT coalesce(sum(size), 0) AS bytes, count(*) AS payloads FROM request_payloads INDEXED BY request_payloads_by_project',
  )

  const writeAll = database.transaction((payloads: readonly NewPayload[]) =>
    payloads.filter(({ id, projectId, recordedAt, payload }) => {
      const request = JSON.stringify(payload.request)
      const response = JSON.stringify(payload.response)
      const size = Buffer.byteLength(request) + Buffer.byteLength(response)
      return insert.run(id, projectId, recordedAt, size, request, response, id).changes > 0
    }),
  )

  function isOverLimit(): boolean {
    const held = total.get()
    return held !== undefined && (held.bytes > limits.bytes || held.payloads > limits.payloads)
  }

  return {
    write(payloads) {
      settle()
      return writing(() => writeAll(payloads)).map(({ id }) => id)
    },
    read(id, now) {
      const stored = find.get(id, now)
      if (stored === undefined) return null
      return {
        request: JSON.parse(stored.request) as Payload['request'],
        response: JSON.parse(stored.response) as Payload['response'],
      }
    },
    prune(now) {
      settle()
      return writing(() => {
        for (const project of projects.all()) {
          const { changes } = removeBefore.run(project, begun.get(project, now) ?? Number.MAX_SAFE_INTEGER)
          if (changes > 0) return changes
        }
        return isOverLimit() ? removeOldest.run().changes : 0
      })
    },
  }
}
