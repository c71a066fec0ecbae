import { isObject } from '../../../text/json.ts'

const MAX_LEVELS = 3
const MAX_KEYS = 40
/** With at least this many keys, an object with similar values is described as a map. */
const MIN_MAP_KEYS = 8
const SAMPLED_ITEMS = 20

/** Describes a value by types and counts, such as `{records: 50,000 × {id: number, name: text}}`. */
export function valueShape(value: unknown, levels = MAX_LEVELS): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return listShape(value, levels)
  if (isObject(value)) return objectShape(value, levels)
  return typeof value === 'string' ? 'text' : typeof value === 'bigint' ? 'number' : typeof value
}

function listShape(list: readonly unknown[], levels: number): string {
  if (list.length === 0) return 'an empty list'
  const count = list.length.toLocaleString('en-US')
  if (levels === 0) return `${count} items`
  const shapes = [...new Set(list.slice(0, SAMPLED_ITEMS).map((item) => valueShape(item, levels - 1)))]
  return `${count} × ${shapes.length <= 3 ? shapes.join(' or ') : 'mixed items'}`
}

function objectShape(object: Record<string, unknown>, levels: number): string {
  const entries = Object.entries(object)
  if (entries.length === 0) return '{}'
  if (levels === 0) return `{${entries.length} keys}`
  const shapes = new Set(entries.slice(0, SAMPLED_ITEMS).map(([, inner]) => valueShape(inner, levels - 1)))
  if (entries.length >= MIN_MAP_KEYS && shapes.size === 1)
    return `{${entries.length.toLocaleString('en-US')} keys: ${[...shapes][0]}}`
  const fields = entries
    .slice(0, MAX_KEYS)
    .map(([key, inner]) => `${key.slice(0, 60)}: ${valueShape(inner, levels - 1)}`)
  return `{${fields.join(', ')}${entries.length > MAX_KEYS ? `, … ${entries.length - MAX_KEYS} more` : ''}}`
}
