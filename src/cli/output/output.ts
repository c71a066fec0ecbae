import { printable } from '../../engine/text/visible-text.ts'
export const FORMATS = ['table', 'json', 'yaml'] as const
export type Format = (typeof FORMATS)[number]

export interface Column<T> {
  title: string
  value(row: T): string | number | null
}

/** Prints a list in the chosen format. `things` names what there is none of, as in "No tokens." JSON and YAML have the keys of the owner API. */
export async function printList<T>(
  rows: readonly T[],
  columns: readonly Column<T>[],
  format: Format,
  things: string,
): Promise<void> {
  if (format !== 'table') return printStructured(rows, format)
  if (rows.length === 0) process.stderr.write(`No ${things}.\n`)
  else process.stdout.write(tableOf(rows, columns))
}

/** A label and its value; a list is printed one value per line. */
export type Detail = readonly [label: string, value: string | number | readonly string[] | null | undefined]

/** Prints one record for people: one line per label. Values that are undefined are left out. */
export function printDetails(details: readonly Detail[]): void {
  const shown = details.filter(([, value]) => value !== undefined)
  const width = Math.max(...shown.map(([label]) => label.length)) + 3
  for (const [label, value] of shown) {
    const [first = '-', ...more] = Array.isArray(value) ? value.map(cell) : [cell(value as string | number | null)]
    process.stdout.write(`${`${label}:`.padEnd(width)}${first}\n`)
    for (const line of more) process.stdout.write(`${' '.repeat(width)}${line}\n`)
  }
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

/** Returns a timestamp without fractions of a second. */
export function timestamp(iso: string | null, otherwise = '-'): string {
  return iso === null ? otherwise : iso.replace(/\.\d+Z$/, 'Z')
}

/** Returns `1 token`, `2 tokens`. */
export function count(n: number, noun: string): string {
  return `${n.toLocaleString('en')} ${noun}${n === 1 ? '' : 's'}`
}

/** Returns what a revocation ended, as a sentence that starts with a space; empty if it ended nothing. */
export function revokedText(ended: { sessions_ended: number; requests_cut: number }): string {
  const parts = [
    ...(ended.sessions_ended === 0 ? [] : [`revoked ${count(ended.sessions_ended, 'session token')}`]),
    ...(ended.requests_cut === 0 ? [] : [`interrupted ${count(ended.requests_cut, 'request')}`]),
  ]
  const text = parts.join(' and ')
  return text === '' ? '' : ` ${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function cell(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : printable(String(value))
}
