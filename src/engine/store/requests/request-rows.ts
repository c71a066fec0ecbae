import type { RequestRecord } from '../../../contract/records.ts'
import type { OwnerChange, RequestRefusal } from '../../../contract/request-details.ts'

/** Columns that are written when a row opens. The others, in `CLOSING`, are written when it ends. */
const OPENING = [
  'id',
  'time',
  'request_id',
  'project',
  'token',
  'token_kind',
  'token_hash',
  'parent',
  'client',
  'transport',
  'method',
  'connection',
  'resource',
  'permission',
  'grant',
  'missing',
] as const satisfies readonly (keyof RequestRecord)[]
const CLOSING = [
  'status',
  'code',
  'duration_ms',
  'bytes_in',
  'bytes_out',
  'records',
] as const satisfies readonly (keyof RequestRecord)[]

/** Added later, so the seals of older rows don't cover them. */
const OPENING_DETAILS = ['token_state', 'token_prefix', 'refusal'] as const satisfies readonly (keyof RequestRecord)[]
const CLOSING_DETAILS = ['cause', 'checks_ms', 'approval_ms', 'queue_ms', 'upstream_ms', 'reply_ms'] as const
/** Added later still. */
const CLOSING_CHANGE = ['change'] as const satisfies readonly (keyof RequestRecord)[]
/** Number of columns that each seal covers. */
const FIRST = OPENING.length + CLOSING.length
const COLUMNS = [...OPENING, ...CLOSING, ...OPENING_DETAILS, ...CLOSING_DETAILS, ...CLOSING_CHANGE] as const

const list = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ')

export type StoredRequest = Omit<RequestRecord, 'time' | 'refusal' | 'timing' | 'change' | 'has_payload'> & {
  time: number
  has_payload: number
  refusal: string | null
  change: string | null
} & { [Part in Exclude<(typeof CLOSING_DETAILS)[number], 'cause'>]: number | null }

export const SELECT_REQUESTS = `SELECT ${list(COLUMNS)},
  EXISTS (SELECT 1 FROM request_payloads AS payloads WHERE payloads.id = requests.id) AS has_payload FROM requests`

// OR REPLACE, because a batch that is retried after a failure writes the same rows.
export const INSERT_REQUEST = `INSERT OR REPLACE INTO requests (${list(COLUMNS)}, seal)
  VALUES (${'?, '.repeat(COLUMNS.length)}?)`

export const COMPLETE_REQUEST = `UPDATE requests SET ${[...CLOSING, ...CLOSING_DETAILS, ...CLOSING_CHANGE].map((column) => `${column} = ?`).join(', ')}, seal = ? WHERE id = ?`

type Value = string | number | null

/** Returns the values of all columns but the seal, in the order of COLUMNS. */
export function rowValues(row: RequestRecord): Value[] {
  const { timing } = row
  return [
    row.id,
    Date.parse(row.time),
    row.request_id,
    row.project,
    row.token,
    row.token_kind,
    row.token_hash,
    row.parent,
    row.client,
    row.transport,
    row.method,
    row.connection,
    row.resource,
    row.permission,
    row.grant,
    row.missing,
    row.status,
    row.code,
    row.duration_ms,
    row.bytes_in,
    row.bytes_out,
    row.records,
    row.token_state,
    row.token_prefix,
    row.refusal === null ? null : JSON.stringify(row.refusal),
    row.cause,
    timing === null ? null : timing.checks_ms,
    timing === null ? null : timing.approval_ms,
    timing === null ? null : timing.queue_ms,
    timing === null ? null : timing.upstream_ms,
    timing === null ? null : timing.reply_ms,
    row.change === null ? null : JSON.stringify(row.change),
  ]
}

export function completeValues(row: RequestRecord, seal: number | null): Value[] {
  const values = rowValues(row)
  const [closing, details] = [OPENING.length, FIRST + OPENING_DETAILS.length]
  return [...values.slice(closing, FIRST), ...values.slice(details), seal, row.id]
}

export function toRecord(stored: StoredRequest): RequestRecord {
  const { time, refusal, checks_ms, approval_ms, queue_ms, upstream_ms, reply_ms, change, has_payload, ...rest } =
    stored
  return {
    ...rest,
    time: new Date(time).toISOString(),
    refusal: refusal === null ? null : (JSON.parse(refusal) as RequestRefusal),
    change: change === null ? null : (JSON.parse(change) as OwnerChange),
    timing: checks_ms === null ? null : { checks_ms, approval_ms, queue_ms, upstream_ms, reply_ms },
    has_payload: has_payload === 1,
  }
}

/**
 * Returns the text that a row's seal covers: every column in a fixed order. Rows from before the details existed have
 * none, and their seals don't cover them. Likewise, only the seal of a row with a change covers it.
 */
export function sealedText(row: RequestRecord, values: readonly Value[] = rowValues(row)): string {
  const hasDetails = values.some((value, index) => index >= FIRST && value !== null)
  if (!hasDetails) return JSON.stringify([...values.slice(0, FIRST), null])
  const covered = row.change === null ? values.slice(0, -CLOSING_CHANGE.length) : values
  return JSON.stringify(covered.toSpliced(FIRST, 0, null))
}
