import type { DocumentMethod } from '../../contract/methods/document-methods.ts'

/** Returns how many records a finished call touched, for the log. */
export function recordsTouched(method: DocumentMethod, data: unknown): number {
  if (method === 'sql_query') return Array.isArray(data) ? data.length : 0
  const reply = data as { records?: unknown[]; record_ids?: unknown[]; updated?: number; deleted?: number | string }
  if (reply.records !== undefined) return reply.records.length
  if (reply.record_ids !== undefined) return reply.record_ids.length
  if (typeof reply.updated === 'number') return reply.updated
  return typeof reply.deleted === 'number' ? reply.deleted : 0
}
