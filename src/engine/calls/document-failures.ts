import type { DocumentMethod } from '../../contract/methods/document-methods.ts'
import { HallpassError } from '../../contract/errors.ts'

/** A query that times out is its author's fault and says nothing about the document's health. */
export function callersFault(method: DocumentMethod, thrown: unknown): unknown {
  return method === 'sql_query' && thrown instanceof HallpassError && thrown.code === 'UPSTREAM_TIMEOUT'
    ? thrown.reworded(thrown.message, { upstreamBlameless: true })
    : thrown
}

/** The connection's file is at fault, which the caller can't fix: UPSTREAM_ERROR instead of INVALID_REQUEST. */
export function unusableFile(thrown: unknown, connection: string): unknown {
  if (!(thrown instanceof HallpassError)) return thrown
  if (thrown.reason !== 'unusable_file' && thrown.reason !== 'file_not_found') return thrown
  return new HallpassError('UPSTREAM_ERROR', `Couldn't open the file of document "${connection}". ${thrown.message}`, {
    cause: thrown,
    reason: thrown.reason,
  })
}
