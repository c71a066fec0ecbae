import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { countAllRequests } from '../../src/engine/store/migrations/0150-request-keys.ts'
import { systemClock } from '../../src/engine/clock.ts'
import { BLOCK_ROWS } from '../../src/engine/store/requests/request-blocks.ts'
import { openStore } from '../../src/engine/store/open-store.ts'

export interface FilledLog {
  first_id: number
  last_id: number
  from: number
  to: number
}

const PROJECTS = ['demo', 'sales', 'research', 'billing', 'support']
const CONNECTIONS = ['sales', 'orders', 'crm', 'stock', 'mails']
const TOKENS = ['claude', 'cursor', 'nightly-export', 'analyst', 'ci']
const CLIENTS = ['claude-ai/1.4.0', 'cursor-vscode/1.9.2', 'python-requests/2.32', null]
const METHODS = [
  'get_records',
  'get_records',
  'get_records',
  'sql_query',
  'list_tables',
  'describe_table',
  'add_records',
  'update_records',
  'delete_records',
]
const TABLES = ['Orders', 'Customers', 'Invoices', 'Line_Items', 'Products', 'Suppliers', 'Shipments', null]
const FAILURES: [status: number, code: string][] = [
  [400, 'INVALID_REQUEST'],
  [401, 'TOKEN_EXPIRED'],
  [403, 'UNAUTHORIZED'],
  [429, 'RATE_LIMITED'],
  [502, 'GRIST_ERROR'],
  [504, 'UPSTREAM_TIMEOUT'],
]
const NEEDLE_EVERY = 100_000
/** The fields of the log's index, and the columns that they are read from. */
const BLOCK_FIELDS = [
  ['project', 'project'],
  ['token', 'token'],
  ['token', 'parent'],
  ['token_hash', 'token_hash'],
  ['client', 'client'],
  ['transport', 'transport'],
  ['connection', 'connection'],
  ['method', 'method'],
  ['status', 'status'],
  ['code', 'code'],
  ['cause', 'cause'],
] as const
/** Number of generated rows. The others repeat them, at later times. */
const PATTERN = 20_000

/**
 * Writes rows directly into the log of a stopped engine's data folder, spread evenly over the `days` before now, after those
 * that are there, and counts them as the engine would. The rows name the store's own projects and connections, if it has any. The same call gives the same rows. Every 100,000th row, or
 * every `needleEvery`th, has the resource `needle`, for searches whose matches are rare. A million rows take some seconds.
 */
export function fillLog(
  home: string,
  rows: number,
  options: { days?: number; now?: number; needleEvery?: number } = {},
): FilledLog {
  const store = openStore({ home, clock: systemClock })
  const projects = namesOr(store.read.projects(), PROJECTS)
  const connections = namesOr(store.read.connections(), CONNECTIONS)
  store.close()
  const database = new SqliteDatabase(join(home, 'hallpass.db'))
  const to = options.now ?? Date.now()
  const from = to - (options.days ?? 20) * 86_400_000
  try {
    database.pragma('journal_mode = WAL')
    database.pragma('synchronous = OFF')
    database.pragma('cache_size = -131072')
    database.pragma('temp_store = MEMORY')
    const first = Number(database.prepare('SELECT coalesce(max(id), 0) FROM requests').pluck().get()) + 1
    // Creates the indexes after the rows, because sorting once is faster than updating them for each row.
    const indexes = database
      .prepare<[], { name: string; sql: string }>(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'requests' AND sql IS NOT NULL",
      )
      .all()
    database.exec(
      `CREATE TEMP TABLE pattern (at INTEGER PRIMARY KEY, project, token, token_kind, parent, client, transport, method, connection,
         resource, status, code, duration_ms, bytes_in, bytes_out, records)`,
    )
    const addToPattern = database.prepare('INSERT INTO pattern VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)')
    const repeatPattern = database.prepare<{
      done: number
      count: number
      first: number
      from: number
      span: number
      rows: number
    }>(
      `INSERT INTO requests (id, time, request_id, project, token, token_kind, parent, client, transport, method, connection, resource,
         status, code, duration_ms, bytes_in, bytes_out, records)
       SELECT @first + @done + at, CAST(@from + @span * (@done + at + 1) / @rows AS INTEGER),
         printf('r-%x', @first + @done + at), project, token, token_kind, parent, client, transport, method, connection,
         CASE WHEN CAST(@done + at + 1 AS INTEGER) % ${options.needleEvery ?? NEEDLE_EVERY} = 0 THEN 'needle' ELSE resource END,
         status, code, duration_ms, bytes_in, bytes_out, records
       FROM pattern WHERE at < @count ORDER BY at`,
    )
    const random = generator(7)
    const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T
    database.transaction(() => {
      for (const { name } of indexes) database.exec(`DROP INDEX "${name}"`)
      for (let index = 0; index < Math.min(rows, PATTERN); index += 1) {
        const session = random() < 0.4
        const token = pick(TOKENS)
        const failure = random() < 0.06 ? pick(FAILURES) : null
        const method = pick(METHODS)
        const records = failure !== null || method === 'list_tables' ? 0 : Math.floor(random() * 200)
        // Most are quick and some are slow, like real upstreams.
        const duration = Math.round(100 * 2 * (1 - random()) ** -0.6) / 100
        addToPattern.run(
          index,
          pick(projects),
          session
            ? `s-${Math.floor(random() * 4096)
                .toString(16)
                .padStart(12, '0')}`
            : token,
          session ? 'session' : 'access',
          session ? token : null,
          pick(CLIENTS),
          session ? 'proxy' : 'mcp-http',
          method,
          pick(connections),
          pick(TABLES),
          failure?.[0] ?? 200,
          failure?.[1] ?? null,
          duration,
          60 + Math.floor(random() * 400),
          failure === null ? 40 + records * 120 : 90,
          records,
        )
      }
      for (let done = 0; done < rows; done += PATTERN) {
        repeatPattern.run({ done, count: Math.min(PATTERN, rows - done), first, from, span: to - from, rows })
      }
      for (const { sql } of indexes) database.exec(sql)
      for (const [field, column] of BLOCK_FIELDS)
        database.exec(`INSERT OR IGNORE INTO request_blocks (field, value, block)
          SELECT DISTINCT '${field}', CAST(${column} AS TEXT), id / ${BLOCK_ROWS} FROM requests WHERE id >= ${first} AND ${column} IS NOT NULL`)
      database.prepare('UPDATE log_chains SET unsealed_to = ?').run(first + rows - 1)
      // Counts all rows again, like the upgrade of an older store.
      for (const table of ['request_counts', 'request_key_counts', 'request_keys'])
        database.exec(`DELETE FROM ${table}`)
      countAllRequests(database)
    })()
    database.pragma('wal_checkpoint(TRUNCATE)')
    return { first_id: first, last_id: first + rows - 1, from, to }
  } finally {
    database.close()
  }
}

function namesOr(rows: { name: string }[], names: readonly string[]): readonly string[] {
  return rows.length === 0 ? names : rows.map((row) => row.name)
}

function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}
