import { maskTokens } from '../text/token-format.ts'
/** The parts of JSON Schema that our field schemas use. */
interface FieldSchema {
  type?: string | string[]
  minimum?: number
  maximum?: number
  minLength?: number
  title?: string
  maxLength?: number
  minItems?: number
  maxItems?: number
  enum?: unknown[]
  anyOf?: FieldSchema[]
  items?: FieldSchema
  properties?: Record<string, FieldSchema>
  additionalProperties?: FieldSchema | boolean
}

/** Returns `records[3].id` for `['records', 3, 'id']`. A key that isn't a plain word is quoted. */
export function fieldName(path: readonly PropertyKey[]): string {
  let name = ''
  for (const step of path) {
    if (typeof step === 'number') name += `[${step}]`
    else {
      const key = String(step).slice(0, 100)
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(key)) name += name === '' ? key : `.${key}`
      else name += name === '' ? JSON.stringify(key).slice(1, -1) : `[${JSON.stringify(key)}]`
    }
  }
  return name
}

/** Returns a sentence about the field at `path` of `value`, which doesn't fit its schema. */
export function fieldSentence(schema: object, value: unknown, path: readonly PropertyKey[]): string {
  let wanted: FieldSchema | undefined = schema as FieldSchema
  let given: unknown = value
  for (const step of path) {
    const inner: FieldSchema | boolean | undefined =
      typeof step === 'number' ? wanted?.items : (wanted?.properties?.[String(step)] ?? wanted?.additionalProperties)
    wanted = typeof inner === 'object' ? inner : undefined
    given = typeof given === 'object' && given !== null ? (given as Record<PropertyKey, unknown>)[step] : undefined
  }
  if (given === undefined) return `Missing field "${fieldName(path)}".`
  if (wanted === undefined) return `Field "${fieldName(path)}" is invalid.`
  if (wanted.maxItems !== undefined && Array.isArray(given) && given.length > wanted.maxItems) {
    return `Field "${fieldName(path)}" can have at most ${wanted.maxItems} items, not ${given.length}.`
  }
  if (wanted.maxLength !== undefined && typeof given === 'string' && given.length > wanted.maxLength) {
    return `Field "${fieldName(path)}" can have at most ${wanted.maxLength} characters, not ${given.length}.`
  }
  return `Field "${fieldName(path)}" must be ${expected(wanted)}, not ${shown(given)}.`
}

function expected(wanted: FieldSchema): string {
  if (wanted.title !== undefined) return wanted.title
  if (wanted.enum !== undefined) return `one of ${wanted.enum.map((one) => JSON.stringify(one)).join(', ')}`
  if (wanted.anyOf !== undefined) {
    return either(wanted.anyOf.map(expected))
  }
  if (Array.isArray(wanted.type)) return either(wanted.type.map((type) => expected({ type })))
  switch (wanted.type) {
    case 'integer':
      return wanted.minimum !== undefined && wanted.minimum > Number.MIN_SAFE_INTEGER
        ? `a whole number of at least ${wanted.minimum}`
        : 'a whole number'
    case 'number':
      return 'a number'
    case 'boolean':
      return 'true or false'
    case 'null':
      return 'null'
    case 'string':
      return wanted.minLength ? 'a non-empty string' : 'a string'
    case 'array':
      return wanted.minItems ? 'a non-empty list' : 'a list'
    case 'object':
      return 'an object'
    default:
      return 'a different type'
  }
}

function either(parts: string[]): string {
  return parts.length < 2 ? parts.join('') : `${parts.slice(0, -1).join(', ')} or ${parts.at(-1)}`
}

function shown(given: unknown): string {
  if (Array.isArray(given)) return given.length === 0 ? 'an empty list' : 'a list'
  if (typeof given === 'object' && given !== null) return 'an object'
  if (typeof given !== 'string') return String(given)
  // A token pasted into the wrong field must not appear in a sentence that a client may log.
  if (maskTokens(given) !== given) return 'a token'
  return JSON.stringify(given.length > 40 ? `${given.slice(0, 40)}…` : given)
}
