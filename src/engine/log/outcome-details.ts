import { hash } from 'node:crypto'
import type { RequestRecord } from '../../contract/records.ts'
import type { RequestTiming } from '../../contract/request-details.ts'

/**
 * Returns the same text for requests that failed for the same cause: code, token and what was missing. Session tokens
 * of one token share it. Null for requests that didn't fail.
 */
export function causeOf(row: RequestRecord): string | null {
  if (row.status === null || (row.status > 0 && row.status < 400)) return null
  const { code, status, project, connection, refusal } = row
  const token = row.parent ?? row.token ?? row.token_prefix ?? row.token_hash
  // A failing upstream fails for everyone.
  const caller = status >= 500 && connection !== null ? null : [project, token]
  return hash('sha256', JSON.stringify([code, status, caller, connection, refusal?.needed ?? null]), 'hex').slice(0, 16)
}

export function hundredths(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 100) / 100)
}

export function roundedTiming(timing: RequestTiming): RequestTiming {
  const rounded = (part: number | null): number | null => (part === null ? null : hundredths(part))
  return {
    checks_ms: hundredths(timing.checks_ms),
    approval_ms: rounded(timing.approval_ms),
    queue_ms: rounded(timing.queue_ms),
    upstream_ms: rounded(timing.upstream_ms),
    reply_ms: rounded(timing.reply_ms),
  }
}

/** The timing of a request that was denied by the checks. */
export function checksOnly(checksMs: number): RequestTiming {
  return { checks_ms: checksMs, approval_ms: null, queue_ms: null, upstream_ms: null, reply_ms: null }
}

export function totalOf({ checks_ms, approval_ms, queue_ms, upstream_ms, reply_ms }: RequestTiming): number {
  return hundredths(checks_ms + (approval_ms ?? 0) + (queue_ms ?? 0) + (upstream_ms ?? 0) + (reply_ms ?? 0))
}

/** Returns a count that was reported, or 0 for anything else. */
export function wholeNumber(value: number | undefined): number {
  return value === undefined || !(value > 0) ? 0 : Math.min(Math.trunc(value), Number.MAX_SAFE_INTEGER)
}
