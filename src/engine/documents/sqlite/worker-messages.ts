import type { BulkTarget } from '../document-connector.ts'
import type { Permission } from '../../../contract/grants.ts'
import type { DocumentCall, MethodFields, StreamReadMethod } from '../../../contract/methods/document-methods.ts'
import { errorFromOwnerData, HallpassError, ownerErrorData, type OwnerErrorData } from '../../../contract/errors.ts'

/** The file as it was when the connection opened it. A path that later resolves to another file is rejected. */
export interface PinnedFile {
  path: string
  device: string
  inode: string
  owner: string
}

export interface AnswerLimits {
  rows: number
  bytes: number
}

/**
 * A worker runs one job at a time, and calls in the order in which they arrive. Any other job is sent after `done` or `failed` of
 * the one before.
 */
export type Job =
  | { kind: 'check' }
  /** Includes the permission, so that a worker doesn't need to load the method descriptions and zod. */
  | { kind: 'call'; call: DocumentCall; permission: Permission; limits: AnswerLimits }
  | { kind: 'read'; method: StreamReadMethod; fields: MethodFields<StreamReadMethod>; window: number }
  | { kind: 'load'; target: BulkTarget; batch: number }

/** `parent` is the process whose end also ends the worker; null if the host does that. */
export type ToWorker =
  | { kind: 'open'; file: PinnedFile; created: boolean; memoryBytes: number; parent: number | null }
  /** `lockMs` is how long the job waits for another program's lock. */
  | { kind: 'job'; job: Job; lockMs: number }
  | { kind: 'bytes'; bytes: Uint8Array }
  | { kind: 'end' }
  /** Drops the calls that the worker hasn't started. */
  | { kind: 'withdraw' }
  | { kind: 'credit' }
  | { kind: 'cancel' }

export type FromWorker =
  | { kind: 'ready' }
  /** The data of a call is its JSON text; `records` is how many it touched. */
  | { kind: 'done'; data: string; records: number; tookMs: number }
  /** How many calls it dropped. */
  | { kind: 'withdrawn'; count: number }
  | { kind: 'failed'; message: string; data: OwnerErrorData; isBlameless: boolean }
  | { kind: 'chunk'; bytes: Uint8Array; records: number }
  | { kind: 'taken' }
  | { kind: 'progress'; stored: number; line: number }

export type JobResult = Pick<Extract<FromWorker, { kind: 'done' }>, 'data' | 'records'>

/** Returns the message for an error in a worker, without its cause. */
export function failedMessage(error: HallpassError): Extract<FromWorker, { kind: 'failed' }> {
  return {
    kind: 'failed',
    message: error.message,
    data: ownerErrorData(error),
    isBlameless: error.upstreamBlameless,
  }
}

/** Returns the error that a worker sent. */
export function errorOf({ message, data, isBlameless }: Extract<FromWorker, { kind: 'failed' }>): HallpassError {
  const error = errorFromOwnerData(data, message) ?? new HallpassError('UPSTREAM_ERROR', message)
  return isBlameless ? error.reworded(message, { upstreamBlameless: true }) : error
}

/** Returns the value if it has the shape of a worker's message, else null: a hostile file may have taken over the process. */
export function workerMessage(value: unknown): FromWorker | null {
  const message = (value ?? {}) as Partial<Record<string, unknown>>
  switch (message['kind']) {
    case 'ready':
    case 'taken':
      return message as FromWorker
    case 'done':
      return typeof message['data'] === 'string' && isCount(message['records']) && isDuration(message['tookMs'])
        ? (message as FromWorker)
        : null
    case 'withdrawn':
      return isCount(message['count']) ? (message as FromWorker) : null
    case 'failed':
      return typeof message['message'] === 'string' && typeof message['isBlameless'] === 'boolean'
        ? (message as FromWorker)
        : null
    case 'chunk':
      return message['bytes'] instanceof Uint8Array && isCount(message['records']) ? (message as FromWorker) : null
    case 'progress':
      return isCount(message['stored']) && isCount(message['line']) ? (message as FromWorker) : null
    default:
      return null
  }
}

function isDuration(value: unknown): boolean {
  return typeof value === 'number' && value >= 0
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0
}
