import { printable } from '../engine/text/visible-text.ts'

export const FORMATS = ['table', 'json', 'yaml'] as const
export type Format = (typeof FORMATS)[number]

export interface Column<T> {
  title: string
  value(row: T): string | number | null
}

/** Prints a list in the format asked for. Keys of JSON and YAML are those of the owner API. */
export async function printList<T>(rows: readonly T[], columns: readonly Column<T>[], format: Format): Promise<void> {
  if (format !== 'table') return printStructured(rows, format)
  if (rows.length === 0) process.stderr.write('Nothing to show.\n')
  else process.stdout.write(tableOf(rows, columns))
}

/** Prints one thing: `Name:  value` lines, or as JSON or YAML. */
export async function printOne(record: object, format: Format): Promise<void> {
  if (format !== 'table') return printStructured(record, format)
  const entries = Object.entries(record).map(([key, value]) => [`${titleOf(key)}:`, shownValue(value)] as const)
  const width = Math.max(...entries.map(([title]) => title.length))
  process.stdout.write(entries.map(([title, value]) => `${title.padEnd(width + 2)}${value}\n`).join(''))
}

export async function printStructured(value: unknown, format: 'json' | 'yaml'): Promise<void> {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(value, null, 2)}\n`)
    return
  }
  const { stringify } = await import('./yaml-text.ts')
  process.stdout.write(stringify(value))
}

export function tableOf<T>(rows: readonly T[], columns: readonly Column<T>[]): string {
  const lines = [
    columns.map((column) => column.title),
    ...rows.map((row) => columns.map((column) => cell(column.value(row)))),
  ]
  const widths = columns.map((_, i) => Math.max(...lines.map((line) => (line[i] ?? '').length)))
  return lines
    .map(
      (line) =>
        `${line
          .map((text, i) => text.padEnd((widths[i] ?? 0) + 3))
          .join('')
          .trimEnd()}\n`,
    )
    .join('')
}

export function instant(iso: string | null, otherwise = '-'): string {
  return iso === null ? otherwise : iso.replace(/\.\d+Z$/, 'Z')
}

function cell(value: string | number | null): string {
  return value === null || value === '' ? '-' : printable(String(value))
}

function titleOf(key: string): string {
  const words = key.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function shownValue(value: unknown): string {
  if (value === null || value === undefined) return '-'
  if (!Array.isArray(value)) return printable(typeof value === 'object' ? JSON.stringify(value) : String(value))
  if (value.length === 0) return '-'
  return value.map((one) => printable(typeof one === 'string' ? one : JSON.stringify(one))).join('; ')
}
