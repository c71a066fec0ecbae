import type { RequestRecord } from '../../../contract/records.ts'

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

const list = (columns: readonly string[]): string => columns.map((column) => `"${column}"`).join(', ')

export type StoredRequest = Omit<RequestRecord, 'time'> & { time: number }

export const SELECT_REQUESTS = `SELECT ${list([...OPENING, ...CLOSING])} FROM requests`

// OR REPLACE, because a batch that is retried after a failure writes the same rows.
export const INSERT_REQUEST = `INSERT OR REPLACE INTO requests (${list([...OPENING, ...CLOSING])}, seal)
  VALUES (${'?, '.repeat(OPENING.length + CLOSING.length)}?)`

export const COMPLETE_REQUEST = `UPDATE requests SET ${CLOSING.map((column) => `${column} = ?`).join(', ')}, seal = ? WHERE id = ?`

type Value = string | number | null

export function insertValues(row: RequestRecord, seal: number | null): Value[] {
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
    ...closingValues(row),
    seal,
  ]
}

export function completeValues(row: RequestRecord, seal: number | null): Value[] {
  return [...closingValues(row), seal, row.id]
}

function closingValues({ status, code, duration_ms, bytes_in, bytes_out, records }: RequestRecord): Value[] {
  return [status, code, duration_ms, bytes_in, bytes_out, records]
}

export function toRecord(stored: StoredRequest): RequestRecord {
  return { ...stored, time: new Date(stored.time).toISOString() }
}

/** Returns the text that a row's seal covers: every column in a fixed order. */
export function sealedText(row: RequestRecord): string {
  return JSON.stringify(insertValues(row, null))
}
