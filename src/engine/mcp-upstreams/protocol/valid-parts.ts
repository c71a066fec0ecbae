import { isObject, objectOf, type JsonObject } from '../../text/json.ts'

/** Returns whether an optional field has a value that the protocol allows. */
export type FieldCheck = (value: unknown) => boolean

export const isText: FieldCheck = (value) => typeof value === 'string'
export const isFlag: FieldCheck = (value) => typeof value === 'boolean'
export const isNumber: FieldCheck = (value) => typeof value === 'number'

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2})$/

/**
 * Returns the object without optional fields whose values the protocol doesn't allow, especially null, because a
 * validating client rejects the whole list or result. Returns the same object if all are valid.
 */
export function withValidFields(object: JsonObject, checks: Readonly<Record<string, FieldCheck>>): JsonObject {
  let valid = object
  for (const [field, isValid] of Object.entries(checks)) {
    if (object[field] === undefined || isValid(object[field])) continue
    if (valid === object) valid = { ...object }
    delete valid[field]
  }
  return valid
}

/** Returns the object with one field repaired, or removed if `repair` returns undefined. */
export function withRepaired(object: JsonObject, field: string, repair: (value: unknown) => unknown): JsonObject {
  const before = object[field]
  if (before === undefined) return object
  const after = repair(before)
  if (after === before) return object
  const { [field]: _before, ...rest } = object
  return after === undefined ? rest : { ...rest, [field]: after }
}

/** Returns the list with repaired items and without those that can't be repaired. The same list if all are valid. */
export function repairedItems<T>(items: readonly unknown[], repair: (item: unknown) => T | null): readonly T[] {
  const repaired = items.map(repair)
  return repaired.every((item, index) => item !== null && item === items[index])
    ? (items as readonly T[])
    : repaired.filter((item) => item !== null)
}

const ANNOTATIONS: Record<string, FieldCheck> = {
  audience: (value) => Array.isArray(value) && value.every((role) => role === 'user' || role === 'assistant'),
  priority: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  lastModified: (value) => typeof value === 'string' && DATE_TIME.test(value) && !Number.isNaN(Date.parse(value)),
}

export function validAnnotations(value: unknown): JsonObject | undefined {
  return isObject(value) ? withValidFields(value, ANNOTATIONS) : undefined
}

const ICON: Record<string, FieldCheck> = {
  mimeType: isText,
  sizes: (value) => Array.isArray(value) && value.every(isText),
  theme: (value) => value === 'light' || value === 'dark',
}

function validIcon(value: unknown): JsonObject | null {
  const icon = objectOf(value)
  return icon === null || typeof icon['src'] !== 'string' ? null : withValidFields(icon, ICON)
}

function validIcons(value: unknown): readonly unknown[] | undefined {
  const icons = Array.isArray(value) ? repairedItems(value, validIcon) : []
  return icons.length === 0 && !(Array.isArray(value) && value.length === 0) ? undefined : icons
}

/** Common parts of tools, prompts, resources and content blocks. */
export function withValidCommon(object: JsonObject): JsonObject {
  const valid = withValidFields(object, { title: isText, description: isText, _meta: isObject })
  return withRepaired(valid, 'icons', validIcons)
}
