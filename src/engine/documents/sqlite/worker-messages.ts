import type { BulkTarget } from '../document-connector.ts'
import type { DocumentCall, MethodFields, StreamReadMethod } from '../../../contract/document-methods.ts'
import type { ErrorCode } from '../../../contract/errors.ts'

/** The file as it was when the connection opened it: a path that leads to another file later is refused. */
export interface PinnedFile {
  path: string
  device: string
  inode: string
}

export interface AnswerLimits {
  rows: number
  bytes: number
}

/** One job at a time: the next is sent after the last one's `done` or `failed`. */
export type Job =
  | { kind: 'check' }
  | { kind: 'call'; call: DocumentCall; limits: AnswerLimits }
  | { kind: 'read'; method: StreamReadMethod; fields: MethodFields<StreamReadMethod>; window: number }
  | { kind: 'load'; target: BulkTarget; batch: number }

/** `parent`: the process with which the worker ends; null where its host ends it by itself. */
export type ToWorker =
  | { kind: 'open'; file: PinnedFile; created: boolean; memoryBytes: number; parent: number | null }
  | { kind: 'job'; job: Job }
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'end' }
  | { kind: 'credit' }
  | { kind: 'cancel' }

export type FromWorker =
  | { kind: 'done'; data: unknown }
  | { kind: 'failed'; code: ErrorCode; message: string }
  | { kind: 'opened' }
  | { kind: 'chunk'; bytes: Uint8Array; records: number }
  | { kind: 'taken' }
  | { kind: 'progress'; stored: number; line: number }
