import { createHash } from 'node:crypto'
import { HTTP_METHODS, type HttpMethod } from '../../../contract/http-connection.ts'
import { visible } from '../../text/visible-text.ts'
import { isObject, type JsonObject } from '../../text/json.ts'
import { notOpenapi, resolved, textOf, type OpenapiDocument } from './read-document.ts'
import { createSchemaConverter, type SchemaConverter } from './tool-schema.ts'

/** Where an argument goes. `property` is its name among the tool's arguments. */
export interface OperationParameter {
  property: string
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  style: string
  explode: boolean
  /** Sent as JSON text. */
  json: boolean
  schema: JsonObject
}

export interface OperationBody {
  property: string
  mediaType: string
  required: boolean
  schema: JsonObject
}

/** An operation as it is kept: all that a tool and its call need. */
export interface Operation {
  id: string
  method: HttpMethod
  path: string
  summary: string | null
  description: string | null
  deprecated: boolean
  parameters: OperationParameter[]
  body: OperationBody | null
  defs: JsonObject
}

export interface FoundOperations {
  operations: Operation[]
  leftOut: { operation: string; reason: string }[]
}

const MOST_OPERATIONS = 5_000
const LONGEST_DESCRIPTION = 1_500
/** Set by whoever sends the request, never by an argument. */
const OWN_HEADERS = new Set(['accept', 'content-type', 'authorization', 'cookie', 'host', 'content-length'])

/** Every operation of the document, each with what its call needs; those that cannot be called are named with the reason. */
export function findOperations(document: OpenapiDocument): FoundOperations {
  const { root } = document
  const leftOut: FoundOperations['leftOut'] = []
  const found: Operation[] = []
  for (const [path, given] of Object.entries(root['paths'] as JsonObject)) {
    if (path.startsWith('x-')) continue
    const item = resolved(root, given)
    if (!isObject(item)) {
      leftOut.push({
        operation: path.slice(0, 300),
        reason: isObject(given) && '$ref' in given ? 'its $ref points outside the document' : "it isn't an object",
      })
      continue
    }
    for (const [word, operation] of Object.entries(item)) {
      const method = HTTP_METHODS.find((one) => one.toLowerCase() === word)
      if (method === undefined && word !== 'trace') continue
      const name = `${word.toUpperCase()} ${path}`.slice(0, 300)
      if (found.length >= MOST_OPERATIONS) throw notOpenapi(`has more than ${MOST_OPERATIONS} operations`)
      if (method === undefined) leftOut.push({ operation: name, reason: "TRACE isn't supported" })
      else if (!isObject(operation)) leftOut.push({ operation: name, reason: "it isn't an object" })
      else {
        const made = operationOf(root, method, path, item, operation)
        if (typeof made === 'string') leftOut.push({ operation: name, reason: made })
        else found.push(made)
      }
    }
  }
  if (found.length === 0) throw notOpenapi('has no usable operations')
  return { operations: withUniqueIds(found), leftOut }
}

function operationOf(
  root: JsonObject,
  method: HttpMethod,
  path: string,
  item: JsonObject,
  given: JsonObject,
): Operation | string {
  if (!path.startsWith('/')) return "its path doesn't start with /"
  if (Array.isArray(given['servers']) && given['servers'].length > 0) return 'it uses a different server'
  const maker = createSchemaConverter(root)
  const properties = new Set<string>()
  const parameters: OperationParameter[] = []
  for (const parameter of mergedParameters(root, item['parameters'], given['parameters'])) {
    if (parameter === null) return 'one of its parameters is invalid'
    const made = parameterOf(parameter, maker, properties)
    if (typeof made === 'string') return made
    if (made !== null) parameters.push(made)
  }
  const missing = [...path.matchAll(/\{([^{}]*)\}/g)]
    .map(([, name]) => name ?? '')
    .find((name) => !parameters.some((one) => one.in === 'path' && one.name === name))
  if (missing !== undefined) return `its path uses {${missing}}, which isn't a declared parameter`
  const body = bodyOf(root, given['requestBody'], maker, properties)
  if (typeof body === 'string') return body
  // As every client takes it in a name: `issues/list` is issues_list.
  const id =
    textOf(given['operationId'])
      ?.replaceAll(/[^A-Za-z0-9_-]+/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 256) ?? ''
  return {
    id: id === '' ? madeId(method, path) : id,
    method,
    path,
    summary: shown(given['summary'] ?? item['summary'], 300),
    description: shown(given['description'] ?? item['description'], LONGEST_DESCRIPTION),
    deprecated: given['deprecated'] === true,
    parameters,
    body,
    defs: maker.defs,
  }
}

function shown(value: unknown, longest: number): string | null {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') return null
  return visible(text.length > longest ? `${text.slice(0, longest)}…` : text)
}

/** Those of the operation stand before those of its path with the same name and place. */
function mergedParameters(root: JsonObject, ofPath: unknown, ofOperation: unknown): (JsonObject | null)[] {
  const merged = new Map<string, JsonObject | null>()
  for (const given of [...listOf(ofPath), ...listOf(ofOperation)]) {
    const parameter = resolved(root, given)
    const readable = isObject(parameter) && typeof parameter['name'] === 'string' && typeof parameter['in'] === 'string'
    merged.set(readable ? `${String(parameter['in'])} ${String(parameter['name'])}` : '', readable ? parameter : null)
  }
  return [...merged.values()]
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

/** Null for what is not the caller's to set; a sentence when the operation cannot be called with it. */
function parameterOf(
  parameter: JsonObject,
  maker: SchemaConverter,
  properties: Set<string>,
): OperationParameter | string | null {
  const name = String(parameter['name'])
  const place = String(parameter['in'])
  const required = parameter['required'] === true || place === 'path'
  if (place === 'cookie')
    return required ? `it needs the cookie ${name.slice(0, 60)}, but cookies aren't supported` : null
  if (place !== 'path' && place !== 'query' && place !== 'header')
    return `its parameter ${name.slice(0, 60)} has an unknown location`
  if (place === 'header' && OWN_HEADERS.has(name.toLowerCase())) return null
  if (place === 'header' && !/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name))
    return `${name.slice(0, 60)} isn't a valid header name`
  const content = isObject(parameter['content']) ? Object.values(parameter['content']).find(isObject) : undefined
  const schema = maker.convert(content === undefined ? parameter['schema'] : content['schema'])
  const description = shown(parameter['description'], 1_000)
  const style = textOf(parameter['style']) ?? (place === 'query' ? 'form' : 'simple')
  return {
    property: propertyName(name, place, properties),
    name,
    in: place,
    required,
    style,
    explode: typeof parameter['explode'] === 'boolean' ? parameter['explode'] : style === 'form',
    json: content !== undefined,
    schema: description === null ? schema : { ...schema, description },
  }
}

/** Names as every model provider takes them; two that would be one are told apart by their place, then by a number. */
function propertyName(name: string, place: string, taken: Set<string>): string {
  const plain =
    name
      .replaceAll(/[^A-Za-z0-9_.-]/g, '_')
      .replaceAll(/^_+|_+$/g, '')
      .slice(0, 56) || place
  let chosen = taken.has(plain) ? `${place}_${plain}` : plain
  for (let count = 2; taken.has(chosen); count += 1) chosen = `${plain}_${count}`
  taken.add(chosen)
  return chosen
}

function bodyOf(
  root: JsonObject,
  given: unknown,
  maker: SchemaConverter,
  properties: Set<string>,
): OperationBody | string | null {
  if (given === undefined) return null
  const body = resolved(root, given)
  if (!isObject(body) || !isObject(body['content'])) return 'its request body is invalid'
  const types = Object.keys(body['content'])
  const mediaType =
    types.find((type) => /^application\/json\b/i.test(type)) ??
    types.find((type) => /[/+]json\b/i.test(type)) ??
    types.find((type) => /^application\/x-www-form-urlencoded\b/i.test(type)) ??
    types.find((type) => /^multipart\/form-data\b/i.test(type)) ??
    types.find((type) => /^text\//i.test(type)) ??
    types[0]
  if (mediaType === undefined) return null
  const media = body['content'][mediaType]
  const structured = /[/+]json\b|x-www-form-urlencoded|multipart\/form-data/i.test(mediaType) || mediaType.includes('*')
  const text = /^text\//i.test(mediaType)
  const description = shown(body['description'], 1_000)
  const shape = structured
    ? maker.convert(isObject(media) ? media['schema'] : undefined)
    : {
        type: 'string',
        description: text ? 'Request body (text)' : `Request body (${mediaType.slice(0, 100)}), base64-encoded`,
      }
  return {
    property: propertyName('body', 'request', properties),
    mediaType: mediaType.includes('*') ? 'application/json' : mediaType,
    required: body['required'] === true,
    schema: description === null ? shape : { ...shape, description },
  }
}

/** `GET /listings/{id}/photos` as get_listings_by_id_photos. */
function madeId(method: string, path: string): string {
  const words = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) =>
      part
        .replaceAll(/\{([^{}]*)\}/g, 'by_$1')
        .replaceAll(/[^A-Za-z0-9]+/g, '_')
        .replaceAll(/^_+|_+$/g, ''),
    )
  return [method.toLowerCase(), ...words.filter((word) => word !== '')].join('_').slice(0, 256)
}

/** Two operations of one id are told apart by method and path, whichever stands first, so that names last when the document is sorted anew. */
function withUniqueIds(operations: Operation[]): Operation[] {
  const counts = new Map<string, number>()
  for (const { id } of operations) counts.set(id, (counts.get(id) ?? 0) + 1)
  const named = operations.map((one) =>
    (counts.get(one.id) ?? 0) > 1 ? { ...one, id: `${one.id}_${madeId(one.method, one.path)}` } : one,
  )
  const seen = new Map<string, number>()
  for (const { id } of named) seen.set(id, (seen.get(id) ?? 0) + 1)
  return named.map((one) => {
    if (seen.get(one.id) === 1) return one
    const hash = createHash('sha256').update(`${one.method} ${one.path}`).digest('hex').slice(0, 8)
    return { ...one, id: `${one.id}_${hash}` }
  })
}
