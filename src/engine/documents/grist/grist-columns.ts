import { invalidRequest, type HallpassError } from '../../../contract/errors.ts'
import type { MethodData, MethodFields } from '../../../contract/methods/document-methods.ts'
import type { FlatRecord } from './records/grist-records.ts'

/** A column as Grist describes it. */
export interface GristColumn {
  id: string
  fields: { type: string; isFormula: boolean; formula: string; label?: string; widgetOptions?: string }
}

type Described = MethodData<'describe_table'>['columns'][number]

export function describedColumn({ id, fields }: GristColumn): Described {
  const { type, label } = fields
  const choices = choicesOf(fields.widgetOptions)
  const references = /^Ref(?:List)?:(.+)$/.exec(type)?.[1]
  return {
    id,
    type,
    ...(fields.isFormula && fields.formula !== '' ? { formula: fields.formula } : {}),
    ...(typeof label === 'string' && label !== id ? { label } : {}),
    ...(choices === null ? {} : { choices }),
    ...(references === undefined ? {} : { references }),
  }
}

function choicesOf(options: string | undefined): string[] | null {
  if (options === undefined || options === '') return null
  try {
    const { choices } = JSON.parse(options) as { choices?: unknown }
    return Array.isArray(choices) && choices.every((one) => typeof one === 'string') ? choices : null
  } catch (error) {
    if (error instanceof SyntaxError) return null
    throw error
  }
}

/** Returns the function that writes a record's dates in ISO 8601. */
export function isoDates(columns: readonly GristColumn[]): (record: FlatRecord) => FlatRecord {
  const dated = columns.filter(({ fields }) => /^Date(?:Time)?(?::|$)/.test(fields.type))
  return (record) => {
    for (const { id, fields } of dated) {
      const value = record[id]
      if (typeof value !== 'number') continue
      const iso = new Date(value * 1000)
      if (!Number.isNaN(iso.getTime()))
        record[id] = fields.type === 'Date' ? iso.toISOString().slice(0, 10) : iso.toISOString()
    }
    return record
  }
}

const EXAMPLES: Record<string, string> = {
  Date: 'epoch seconds, for example 1751414400 for 2025-07-02',
  DateTime: 'epoch seconds, for example 1751414400 for 2025-07-02T00:00:00Z',
  Ref: 'the ID of a record, not by its label',
  Int: 'a number',
  Numeric: 'a number',
  Bool: 'true or false',
}

/** Returns why a filter that found nothing can't match anything, or null. Grist compares types exactly and doesn't say so. */
export function unmatchableFilter(
  filter: NonNullable<MethodFields<'get_records'>['filter']>,
  columns: readonly GristColumn[],
): HallpassError | null {
  for (const [name, given] of Object.entries(filter)) {
    const values: unknown[] = Array.isArray(given) ? given : [given]
    const type = columns.find(({ id }) => id === name)?.fields.type.split(':')[0] ?? ''
    const example = EXAMPLES[type]
    if (values.length === 0 || !values.every((value) => typeof value === 'string')) continue
    if (example !== undefined)
      return invalidRequest(`No record matches. Filter column "${name}" (${type}) by ${example}.`, 'filter', {
        reason: 'filter_format',
      })
  }
  return null
}
