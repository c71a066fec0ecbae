/** The first page of the log by each filter, and a free text that occurs nowhere, over many rows. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RequestFilter } from '../src/contract/owner-api/requests-api.ts'
import { fillLog } from '../tests/support/fill-log.ts'
import { startTestEngine } from '../tests/support/start-test-engine.ts'

const REPEATS = 7

interface Row {
  rows: number
  'median ms': number
  /** How long anything else had to wait meanwhile, at most. */
  'longest wait ms': number
}

export async function measureLogSearch(rows: number): Promise<Record<string, Row>> {
  const home = mkdtempSync(join(tmpdir(), 'hallpass-log-'))
  try {
    {
      await using first = await startTestEngine({ home })
      // Otherwise retention deletes what is filled in.
      await first.owner.settings.update({ log_rows: 2 * rows })
    }
    const { from, to } = fillLog(home, rows)
    await using engine = await startTestEngine({ home })
    const middle = (from + to) / 2
    const filters: Record<string, RequestFilter> = {
      'no filter': {},
      'a token': { token: 'analyst' },
      'a session token': { token: 's-000000000abc' },
      'a token without rows': { token: 'never-used' },
      'a connection': { connection: 'sales' },
      'a method': { method: 'delete_records' },
      'a client': { client: 'cursor-vscode/1.9.2' },
      'a status of 1% of the rows': { status: '429' },
      'failed with 5xx': { status: '5xx' },
      'an hour in the middle': {
        since: new Date(middle).toISOString(),
        until: new Date(middle + 3_600_000).toISOString(),
      },
      'token, method and status': { token: 'ci', method: 'sql_query', status: '502' },
    }
    const found: Record<string, Row> = {}
    for (const [name, filter] of Object.entries(filters))
      found[name] = await measured(REPEATS, () => engine.owner.requests.list({ ...filter, limit: 100 }))
    found['a text that occurs nowhere'] = await measured(1, () =>
      engine.owner.requests.list({ text: 'occurs-nowhere', limit: 100 }),
    )
    return found
  } finally {
    rmSync(home, { recursive: true, force: true })
  }
}

async function measured(repeats: number, list: () => Promise<{ length: number }>): Promise<Row> {
  const times: number[] = []
  let rows = 0
  let longest = 0
  let last = performance.now()
  const look = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
  }
  const timer = setInterval(look, 1)
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const started = performance.now()
    rows = (await list()).length
    times.push(performance.now() - started)
  }
  look()
  clearInterval(timer)
  const median = times.toSorted((one, other) => one - other)[times.length >> 1] ?? 0
  return { rows, 'median ms': Math.round(median * 10) / 10, 'longest wait ms': Math.round(longest * 10) / 10 }
}
