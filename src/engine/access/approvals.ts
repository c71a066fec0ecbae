import { randomUUID } from 'node:crypto'
import { HallpassError, invalidRequest } from '../../contract/errors.ts'
import { oneLine } from '../text/visible-text.ts'
import type { Permission } from '../../contract/grants.ts'
import type { ApprovalRecord } from '../../contract/records.ts'
import type { Clock } from '../clock.ts'

export interface ApprovalQuestion {
  project: string
  token: string
  client: string | null
  connection: string
  permissions: Permission[]
  resources: string[] | null
  /** Untrusted text, truncated here. */
  reason: string | null
  /** Requested duration, which `while` applies. */
  ttl_seconds: number | null
}

export type Approval = 'once' | 'while' | 'always'

/** Requests that need the owner's approval. They exist only in memory and end with the request that created them. */
export interface ApprovalDesk {
  /**
   * Waits for a decision. Throws APPROVAL_DENIED, APPROVAL_TIMEOUT, RATE_LIMITED if there are too many pending, or the
   * signal's reason if it aborts. Combine the signals of the token and the caller.
   */
  ask(question: ApprovalQuestion, signal: AbortSignal): Promise<Approval>
  /** Oldest first. */
  list(): Promise<ApprovalRecord[]>
  readonly waiting: number
  /** Throws INVALID_REQUEST if there is no pending approval with this ID. */
  decide(id: string, decision: Approval | 'deny'): Promise<void>
  /** Denies everything pending and everything requested from now on. */
  close(): void
}

const TIMEOUT_MS = 120_000
/** An agent that requests in a loop must not hide the requests of others. */
const MAX_PER_TOKEN = 10
const MAX_PENDING = 100
const LONGEST_REASON = 500

interface Waiting {
  record: ApprovalRecord
  settle(decision: Approval | HallpassError): void
}

export function createApprovalDesk(parts: { clock: Clock; onChange?: () => void; timeoutMs?: number }): ApprovalDesk {
  const { clock, timeoutMs = TIMEOUT_MS } = parts
  const waiting = new Map<string, Waiting>()
  let closed = false

  function checkLimits(question: ApprovalQuestion): void {
    if (closed)
      throw new HallpassError('APPROVAL_DENIED', "Hallpass is shutting down, so the request can't be approved.")
    const same = [...waiting.values()].filter(
      ({ record }) => record.project === question.project && record.token === question.token,
    )
    if (same.length < MAX_PER_TOKEN && waiting.size < MAX_PENDING) return
    throw new HallpassError(
      'RATE_LIMITED',
      'Too many approvals are pending. Try again after the owner has answered some of them.',
    )
  }

  return {
    ask(question, signal) {
      return new Promise<Approval>((resolve, reject) => {
        signal.throwIfAborted()
        checkLimits(question)
        const id = randomUUID()
        const now = clock.now()
        function end(): boolean {
          clearTimeout(timer)
          signal.removeEventListener('abort', abort)
          const known = waiting.delete(id)
          if (known) parts.onChange?.()
          return known
        }
        function abort(): void {
          end()
          reject(signal.reason)
        }
        function settle(decision: Approval | HallpassError): void {
          if (!end()) return
          if (decision instanceof HallpassError) reject(decision)
          else resolve(decision)
        }
        const timer = setTimeout(() => {
          settle(
            new HallpassError('APPROVAL_TIMEOUT', "The owner didn't respond in time. Ask the owner, then try again."),
          )
        }, timeoutMs)
        signal.addEventListener('abort', abort, { once: true })
        waiting.set(id, {
          settle,
          record: {
            id,
            ...question,
            permissions: [...question.permissions],
            resources: question.resources === null ? null : [...question.resources],
            reason: question.reason === null ? null : oneLine(question.reason, LONGEST_REASON),
            asked_at: new Date(now).toISOString(),
            expires_at: new Date(now + timeoutMs).toISOString(),
          },
        })
        parts.onChange?.()
      })
    },
    async list() {
      return [...waiting.values()].map(({ record }) => ({ ...record }))
    },
    get waiting() {
      return waiting.size
    },
    async decide(id, decision) {
      const found = waiting.get(id)
      if (found === undefined)
        throw invalidRequest(
          'This approval is no longer pending. It was answered, timed out, or its token expired or was revoked.',
          'id',
        )
      found.settle(
        decision === 'deny'
          ? new HallpassError(
              'APPROVAL_DENIED',
              "The owner denied this request. Don't repeat it without asking the owner.",
            )
          : decision,
      )
    },
    close() {
      closed = true
      for (const { settle } of waiting.values())
        settle(new HallpassError('APPROVAL_DENIED', "Hallpass is shutting down, so the request can't be approved."))
    },
  }
}
