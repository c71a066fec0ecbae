import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'

/** Numbers of requests by the log rows that they must have. */
export interface Ledger {
  /** One row each. */
  logged: number
  /** At most one row each, because the caller left. */
  left: number
  /** Counted together with others: requests without a valid token. */
  strangers: number
  /** Over stdio, where clients can't choose request IDs. */
  stdio: number
}

export const ID_PREFIX = { logged: 'soak-', left: 'left-' } as const

/** Returns how the log of a stopped engine differs from the ledger. */
export function checkLog(home: string, ledger: Ledger): string[] {
  const log = new Database(join(home, 'hallpass.db'), { readonly: true })
  try {
    const count = (prefix: string): { rows: number; ids: number; open: number } =>
      log
        .prepare(
          'SELECT count(*) AS rows, count(DISTINCT request_id) AS ids, sum(status IS NULL) AS open FROM requests WHERE request_id LIKE ?',
        )
        .get(`${prefix}%`) as never
    const logged = count(ID_PREFIX.logged)
    const left = count(ID_PREFIX.left)
    const single = (sql: string): number => Number(log.prepare(sql).pluck().get() ?? 0)
    const strangers = single(`SELECT sum(records) FROM requests WHERE token IS NULL AND request_id LIKE 'stranger-%'`)
    const stdio = single(`SELECT count(*) FROM requests WHERE transport = 'mcp-stdio' AND method = 'local__echo'`)
    console.log(
      `Rows: ${logged.rows} of ${ledger.logged} requests, ${left.rows} of ${ledger.left} that callers left, ` +
        `${strangers} of ${ledger.strangers} without a token, ${stdio} of ${ledger.stdio} over stdio.`,
    )
    const problems: string[] = []
    if (logged.rows !== ledger.logged || logged.ids !== ledger.logged)
      problems.push(`${logged.rows} rows with ${logged.ids} IDs for ${ledger.logged} requests`)
    if (left.rows !== left.ids || left.rows > ledger.left)
      problems.push(`${left.rows} rows with ${left.ids} IDs for ${ledger.left} requests that callers left`)
    if (Number(logged.open) + Number(left.open) > 0)
      problems.push(`${Number(logged.open) + Number(left.open)} rows never ended`)
    if (strangers !== ledger.strangers)
      problems.push(`${strangers} counted of ${ledger.strangers} requests without a token`)
    if (stdio !== ledger.stdio) problems.push(`${stdio} rows for ${ledger.stdio} calls over stdio`)
    return problems
  } finally {
    log.close()
  }
}

/** Returns the files below a folder that contain the text unchanged, in base64 or in hexadecimal. */
export function filesWith(folder: string, text: string): string[] {
  const bytes = Buffer.from(text)
  const forms = [
    bytes,
    ...(['base64', 'hex'] as const).map((encoding) =>
      Buffer.from(bytes.toString(encoding).replace(/=+$/, '').slice(0, -2)),
    ),
  ]
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => {
      const content = readFileSync(path)
      return forms.some((form) => content.includes(form))
    })
}
