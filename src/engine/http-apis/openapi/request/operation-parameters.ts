import { isObject, type JsonObject } from '../../../text/json.ts'
import { resolved, shownText, textOf } from '../document/read-document.ts'
import type { SchemaConverter } from '../tools/schema-converter.ts'

/** How a value becomes text in a URL, a header or a form, in the terms of the OpenAPI Specification. */
export interface ParameterStyle {
  style: string
  explode: boolean
  /** Characters such as / and : aren't encoded. */
  allowReserved?: boolean
}

/** Where an argument goes. `property` is its name among the tool's arguments. */
export interface OperationParameter extends ParameterStyle {
  property: string
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  /** Sent as JSON text. */
  json: boolean
  schema: JsonObject
}

/** Headers that the caller of an operation can't set. */
const OWN_HEADERS = new Set(['accept', 'content-type', 'authorization', 'cookie', 'host', 'content-length'])

/** Returns the arguments of an operation, or the reason why it can't be called. */
export function operationParameters(
  root: JsonObject,
  item: JsonObject,
  operation: JsonObject,
  converter: SchemaConverter,
  properties: Set<string>,
): OperationParameter[] | string {
  const parameters: OperationParameter[] = []
  for (const given of mergedParameters(root, item['parameters'], operation['parameters'])) {
    if (given === null) return 'one of its parameters is invalid'
    const parameter = toParameter(given, converter, properties)
    if (typeof parameter === 'string') return parameter
    if (parameter !== null) parameters.push(parameter)
  }
  return parameters
}

/** Parameters of the operation replace those of its path with the same name and location. */
function mergedParameters(root: JsonObject, ofPath: unknown, ofOperation: unknown): (JsonObject | null)[] {
  const merged = new Map<string, JsonObject | null>()
  for (const given of [...listOf(ofPath), ...listOf(ofOperation)]) {
    const parameter = resolved(root, given)
    const isValid = isObject(parameter) && typeof parameter['name'] === 'string' && typeof parameter['in'] === 'string'
    merged.set(isValid ? `${String(parameter['in'])} ${String(parameter['name'])}` : '', isValid ? parameter : null)
  }
  return [...merged.values()]
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Returns null for a parameter that callers don't set, and a sentence if it makes the operation impossible to call. */
function toParameter(
  given: JsonObject,
  converter: SchemaConverter,
  properties: Set<string>,
): OperationParameter | string | null {
  const name = String(given['name'])
  const place = String(given['in'])
  const shownName = name.slice(0, 60)
  const required = given['required'] === true || place === 'path'
  if (place === 'cookie') return required ? `it needs the cookie ${shownName}, but cookies aren't supported` : null
  if (place !== 'path' && place !== 'query' && place !== 'header')
    return `its parameter ${shownName} has an unknown location`
  if (place === 'header' && OWN_HEADERS.has(name.toLowerCase())) return null
  if (place === 'header' && !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
    return `${shownName} isn't a valid header name`
  const content = isObject(given['content']) ? Object.values(given['content']).find(isObject) : undefined
  const schema = converter.convert(content === undefined ? given['schema'] : content['schema'])
  const description = shownText(given['description'], 1_000)
  const style = textOf(given['style']) ?? (place === 'query' ? 'form' : 'simple')
  return {
    property: propertyName(name, place, properties),
    name,
    in: place,
    required,
    style,
    explode: typeof given['explode'] === 'boolean' ? given['explode'] : style === 'form',
    ...(given['allowReserved'] === true ? { allowReserved: true } : {}),
    json: content !== undefined,
    schema: description === null ? schema : { ...schema, description },
  }
}

/** Words for signs that distinguish parameters, as in Twilio's `StartTime>`. */
const SIGNS: readonly [sign: RegExp, word: string][] = [
  [/>=/g, '_gte'],
  [/<=/g, '_lte'],
  [/!=/g, '_ne'],
  [/>/g, '_gt'],
  [/</g, '_lt'],
  [/!/g, '_not'],
  [/\[\]/g, '_list'],
  [/\*/g, '_any'],
  [/~/g, '_like'],
]
const MAX_NAME_LENGTH = 56

/** Returns a name that every model provider accepts. Equal ones differ by location, then by a number. */
export function propertyName(name: string, place: string, taken: Set<string>): string {
  const worded = SIGNS.reduce((text, [sign, word]) => text.replaceAll(sign, word), name)
  const plain =
    worded
      .replaceAll(/[^A-Za-z0-9_.-]+/g, '_')
      .replaceAll(/_{2,}/g, '_')
      .replaceAll(/^_+|_+$/g, '') || place
  // Long names differ at the end as often as at the start.
  const short = plain.length <= MAX_NAME_LENGTH ? plain : `${plain.slice(0, 27)}_${plain.slice(-28)}`
  let chosen = taken.has(short) ? `${place}_${short}`.slice(0, 64) : short
  for (let count = 2; taken.has(chosen); count += 1) chosen = `${short}_${count}`
  taken.add(chosen)
  return chosen
}
