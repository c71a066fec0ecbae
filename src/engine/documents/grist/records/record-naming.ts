import type { RecordId } from '../../../../contract/methods/document-methods.ts'
import { HallpassError, invalidRequest } from '../../../../contract/errors.ts'

/** How an error names the record at fault: a call's by the field `records[3]`, a stream's by its line. */
export type Naming = (place: number) => { prefix: string; field?: string; details?: Record<string, unknown> }
export const byPosition: Naming = (place) => ({ prefix: '', field: `records[${place}]` })

/** Returns a record ID of Grist, which is a number. */
export function gristId(id: RecordId, name: RecordName): number {
  if (typeof id === 'number') return id
  throw invalidRecord(name, 'Record IDs of Grist are numbers.')
}

type RecordName = ReturnType<Naming>

export function invalidRecord({ prefix, field, details }: RecordName, sentence: string): HallpassError {
  return invalidRequest(`${prefix}${sentence}`, field, details === undefined ? {} : { details })
}

export function rejectedRecord(name: RecordName, sentence: string): HallpassError {
  return named(new HallpassError('GRIST_ERROR', sentence, { upstreamBlameless: true }), name)
}

export function named(error: HallpassError, { prefix, field, details }: RecordName): HallpassError {
  return error.reworded(`${prefix}${error.message}`, {
    ...(field === undefined ? {} : { field }),
    ...(details === undefined ? {} : { details: { ...error.details, ...details } }),
  })
}
