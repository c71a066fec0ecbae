import type { RequestRecord } from '../../contract/records.ts'
import { asOwnerError } from '../../control/control-client.ts'
import { REQUEST_COLUMNS } from '../columns.ts'
import { EXIT, usageError } from '../errors.ts'
import { printList, type Format } from '../output.ts'
import { withEngine } from '../with-engine.ts'
import { printable } from '../../engine/text/visible-text.ts'

interface LogFlags {
  follow?: boolean
  project?: string
  token?: string
  since?: string
  limit: string
  output: Format
}

/** Prints the log, newest last. With `-f`, JSON has one record per line and YAML one document per record, because that list has no end. */
export async function logs(flags: LogFlags): Promise<void> {
  const limit = Number(flags.limit)
  if (!Number.isInteger(limit) || limit < 1 || limit > 10_000)
    throw usageError('--limit must be a number from 1 to 10,000.')
  const filter = { project: flags.project, token: flags.token }
  await withEngine(async ({ api }) => {
    const interrupted = new AbortController()
    // Opened before the list is read, so that no request falls between the two.
    const feed = flags.follow === true ? await api.requests.follow(filter, { signal: interrupted.signal }) : null
    const past = (await api.requests.list({ ...filter, since: flags.since, limit })).toReversed()
    if (feed === null) return printList(past, REQUEST_COLUMNS, flags.output, 'requests')
    process.once('SIGINT', () => {
      process.exitCode = EXIT.interrupted
      interrupted.abort()
    })
    const ended = past.filter((row) => row.status !== null)
    const shown = new Set(ended.map((row) => row.id))
    const print = await linePrinter(flags.output)
    for (const row of ended) print(row)
    try {
      for await (const row of feed) if (row.status !== null && !shown.has(row.id)) print(row)
    } catch (thrown) {
      if (!interrupted.signal.aborted) throw asOwnerError(thrown)
    }
  })
}

/** Column widths can't be known in advance: these fit most values, and a longer value shifts its own line. */
const WIDTHS = [22, 14, 30, 11, 16, 14, 18, 8, 16, 9]

async function linePrinter(format: Format): Promise<(row: RequestRecord) => void> {
  if (format === 'json') return (row) => void process.stdout.write(`${JSON.stringify(row)}\n`)
  if (format === 'yaml') {
    const { stringify } = await import('../yaml-text.ts')
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
