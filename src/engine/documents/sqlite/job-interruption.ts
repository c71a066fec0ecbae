import { HallpassError } from '../../../contract/errors.ts'
import type { Job } from './worker-messages.ts'

export function tooSlow(ms: number, job: Job): HallpassError {
  // A load keeps the batches that it stored, and its error says which.
  const outcome = job.kind === 'load' ? '' : ' Nothing was changed.'
  return new HallpassError(
    'UPSTREAM_TIMEOUT',
    `The request took longer than ${ms / 1000} s and was stopped.${outcome}`,
    { upstreamBlameless: true },
  )
}

export function connectionClosed(): HallpassError {
  return new HallpassError('UPSTREAM_ERROR', 'The connection was closed. Try again.', {
    upstreamBlameless: true,
  })
}

/** Returns the reason of an abort if it is a HallpassError (the token was revoked, the engine stops), else a general one. */
export function interruption(signal: { readonly reason: unknown }): HallpassError {
  const reason: unknown = signal.reason
  return reason instanceof HallpassError
    ? reason
    : new HallpassError('UPSTREAM_ERROR', 'The request was interrupted.', {
        upstreamBlameless: true,
      })
}

export function workerLost(): HallpassError {
  return new HallpassError(
    'UPSTREAM_ERROR',
    'The SQLite process stopped unexpectedly. The request needed too much memory, or SQLite crashed.',
    { reason: 'worker_lost', upstreamBlameless: true },
  )
}

export function tooBusy(): HallpassError {
  return new HallpassError('UPSTREAM_TIMEOUT', 'The SQLite document is busy. Try again.', { upstreamBlameless: true })
}
