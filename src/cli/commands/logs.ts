import { rowsOf } from '../../contract/owner-api/log-events.ts'
import type { RequestRecord } from '../../contract/records.ts'
import { asOwnerError } from '../../control/control-client.ts'
import { REQUEST_COLUMNS } from '../output/columns.ts'
import { EXIT, usageError } from '../errors.ts'
import { printList, type Format } from '../output/output.ts'
import { noteUnknownNames } from '../output/unknown-names.ts'
import { withEngine } from '../with-engine.ts'
import { printable } from '../../engine/text/visible-text.ts'

interface LogFlags {
  follow?: boolean
  project?: string
  token?: string
  hash?: string
  requestId?: string
  status?: string
  method?: string
  connection?: string
  since?: string
  until?: string
  before?: string
  limit: string
  output: Format | 'jsonl' | 'csv'
}

/** Prints the log, newest last. With `-f`, JSON has one record per line and YAML one document per record, because that list has no end. */
export async function logs(flags: LogFlags): Promise<void> {
  const limit = Number(flags.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw usageError('--limit must be a number from 1 to 10,000.')
  if (flags.hash !== undefined && !/^[0-9a-f]{64}$/i.test(flags.hash))
    throw usageError('--hash must be a SHA-256 hash: 64 hexadecimal digits, as in the log (-o json).')
  const before = flags.before === undefined ? undefined : rowNumber(flags.before)
  if (before !== undefined && (flags.follow === true || flags.output === 'jsonl' || flags.output === 'csv'))
    throw usageError("--before can't be combined with --follow, -o jsonl or -o csv.")
  const filter = {
    project: flags.project,
    token: flags.token,
    hash: flags.hash?.toLowerCase(),
    request_id: flags.requestId,
    status: flags.status,
    method: flags.method,
    connection: flags.connection,
  }
  if (flags.follow === true && (flags.output === 'csv' || flags.until !== undefined))
    throw usageError(`${flags.output === 'csv' ? '-o csv' : '--until'} can't be combined with --follow.`)
  if (flags.follow !== true && (flags.output === 'jsonl' || flags.output === 'csv')) {
    const { output: format, since, until } = flags
    return withEngine(async ({ api }) => {
      const pieces = await api.requests.export({ ...filter, since, until, format })
      for await (const { text } of pieces) if (!process.stdout.write(text)) await drained()
    })
  }
  const output: Format = flags.output === 'jsonl' || flags.output === 'csv' ? 'json' : flags.output
  await withEngine(async ({ api }) => {
    const interrupted = new AbortController()
    // Opened before the list is read, so that no request falls between the two.
    const feed = flags.follow === true ? await api.requests.follow(filter, { signal: interrupted.signal }) : null
    const page = { since: flags.since, until: flags.until, before_id: before, limit }
    const past = (await api.requests.list({ ...filter, ...page })).toReversed()
    if (feed === null) {
      await printList(past, REQUEST_COLUMNS, output, 'requests')
      if (past.length === limit) process.stderr.write(`For older requests, add --before ${past[0]?.id}\n`)
      if (past.length === 0) await noteUnknownNames(api, flags)
      return
    }
    process.once('SIGINT', () => {
      process.exitCode = EXIT.interrupted
      interrupted.abort()
    })
    const ended = past.filter((row) => row.status !== null)
    const shown = new Set(ended.map((row) => row.id))
    const print = await linePrinter(output)
    for (const row of ended) print(row)
    try {
      for await (const event of feed) {
        if (event.skipped > 0)
          process.stderr.write(
            `Skipped ${event.skipped} requests, because the output is read too slowly. They are in the log: hallpass logs\n`,
          )
        for (const row of rowsOf(event)) if (row.status !== null && !shown.has(row.id)) print(row)
        if (process.stdout.writableNeedDrain) await drained()
      }
    } catch (thrown) {
      if (!interrupted.signal.aborted) throw asOwnerError(thrown)
    }
  })
}

function rowNumber(text: string): number {
  if (!/^[1-9]\d{0,14}$/.test(text)) throw usageError('--before must be the number of a row, from the end of a page.')
  return Number(text)
}

/** Resolves once stdout has accepted everything that was written, even if its reader is slow. */
function drained(): Promise<void> {
  return new Promise((resolve) => process.stdout.once('drain', resolve))
}

/** Column widths can't be known in advance: these fit most values, and a longer value shifts its own line. */
const WIDTHS = [22, 14, 30, 11, 16, 14, 18, 8, 16, 9]

async function linePrinter(format: Format): Promise<(row: RequestRecord) => void> {
  if (format === 'json') return (row) => void process.stdout.write(`${JSON.stringify(row)}\n`)
  if (format === 'yaml') {
    const { stringify } = await import('../output/yaml-text.ts')
    return (row) => void process.stdout.write(`---\n${stringify(row)}`)
  }
  const line = (cells: string[]) =>
    `${cells
      .map((cell, i) => cell.padEnd(WIDTHS[i] ?? 0))
      .join(' ')
      .trimEnd()}\n`
  process.stdout.write(line(REQUEST_COLUMNS.map((column) => column.title)))
  return (row) =>
    void process.stdout.write(line(REQUEST_COLUMNS.map((column) => printable(String(column.value(row) ?? '-')))))
}
