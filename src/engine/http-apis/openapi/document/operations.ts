import { createHash } from 'node:crypto'
import { invalidRequest } from '../../../../contract/errors.ts'
import { HTTP_METHODS, type HttpMethod } from '../../../../contract/upstreams/http-connection.ts'
import { operationBody, type OperationBody } from '../request/operation-body.ts'
import { operationParameters, type OperationParameter } from '../request/operation-parameters.ts'
import { isObject, type JsonObject } from '../../../text/json.ts'
import { notOpenapi, resolved, shownText, textOf, type OpenapiDocument } from './read-document.ts'
import { createSchemaConverter, type SchemaConverter } from '../tools/schema-converter.ts'
import { createServerPrefix, type ServerPrefix } from './server-prefix.ts'

/** A stored operation, with everything that a tool and its call need. */
export interface Operation {
  id: string
  method: HttpMethod
  path: string
  tags: string[]
  summary: string | null
  description: string | null
  deprecated: boolean
  parameters: OperationParameter[]
  body: OperationBody | null
}

export interface LeftOut {
  operation: string
  reason: string
}

/** Which operations become tools: those with one of the IDs or tags. */
export interface OperationSelection {
  ids?: readonly string[] | undefined
  tags?: readonly string[] | undefined
}

export interface FoundOperations {
  /** Operations that can be called. If the document exceeds the limit, only selected ones. */
  operations: Operation[]
  leftOut: LeftOut[]
  /** Shared by the schemas of all operations, which refer to them as `#/$defs/NAME`. */
  schemas: Record<string, JsonObject>
}

interface Listed {
  id: string
  word: string
  path: string
  item: JsonObject
  given: unknown
  tags: string[]
}

const MAX_OPERATIONS = 5_000
const MAX_DESCRIPTION_LENGTH = 1_500

/** `baseUrl` is the connection's, or null if it isn't known yet. Throws INVALID_REQUEST if no operation is usable. */
export function findOperations(
  document: OpenapiDocument,
  selection: OperationSelection = {},
  baseUrl: string | null = null,
): FoundOperations {
  const { root } = document
  const leftOut: LeftOut[] = []
  const listed = listOperations(root, leftOut)
  const wanted = listed.length > MAX_OPERATIONS ? selectedOf(listed, selection) : listed
  const converter = createSchemaConverter(root)
  const prefixOf = createServerPrefix(document.root, baseUrl)
  const operations: Operation[] = []
  for (const one of wanted) {
    const operation = toOperation(root, one, converter, prefixOf)
    if (typeof operation !== 'string') operations.push(operation)
    else leftOut.push({ operation: `${one.word.toUpperCase()} ${one.path}`.slice(0, 300), reason: operation })
  }
  if (operations.length === 0) throw notOpenapi('has no usable operations')
  return { operations, leftOut, schemas: converter.schemas }
}

/** Selects before the limit applies, so that one operation of a very large API can be a tool. */
function selectedOf(listed: readonly Listed[], { ids = [], tags = [] }: OperationSelection): Listed[] {
  const wantedIds = new Set(ids)
  const wantedTags = new Set(tags)
  const selected = listed.filter((one) => wantedIds.has(one.id) || one.tags.some((tag) => wantedTags.has(tag)))
  if (selected.length > 0 && selected.length <= MAX_OPERATIONS) return selected
  const some = [...new Set(listed.flatMap((one) => one.tags))].slice(0, 12).map((tag) => tag.slice(0, 40))
  const hint = some.length === 0 ? '' : `, for example ${some.join(', ')}`
  throw invalidRequest(
    `The OpenAPI document has ${listed.length} operations, and Hallpass supports ${MAX_OPERATIONS}. Choose some with --operation ID or --tag TAG${hint}.`,
    'config.openapi.operations',
  )
}

function listOperations(root: JsonObject, leftOut: LeftOut[]): Listed[] {
  const listed: Listed[] = []
  for (const [path, given] of Object.entries(root['paths'] as JsonObject)) {
    if (path.startsWith('x-')) continue
    const item = resolved(root, given)
    if (!isObject(item)) {
      const reason = isObject(given) && '$ref' in given ? 'its $ref points outside the document' : "it isn't an object"
      leftOut.push({ operation: path.slice(0, 300), reason })
      continue
    }
    for (const [word, operation] of Object.entries(item)) {
      if (word !== 'trace' && !HTTP_METHODS.some((one) => one.toLowerCase() === word)) continue
      const tags = isObject(operation) && Array.isArray(operation['tags']) ? operation['tags'] : []
      listed.push({
        id: idOf(operation, word, path),
        word,
        path,
        item,
        given: operation,
        tags: tags.filter((tag) => typeof tag === 'string').map((tag) => tag.slice(0, 200)),
      })
    }
  }
  return withUniqueIds(listed)
}

function toOperation(
  root: JsonObject,
  { id, word, path, item, given, tags }: Listed,
  converter: SchemaConverter,
  prefixOf: ServerPrefix,
): Operation | string {
  const method = HTTP_METHODS.find((one) => one.toLowerCase() === word)
  if (method === undefined) return "TRACE isn't supported"
  if (!isObject(given)) return "it isn't an object"
  if (!path.startsWith('/')) return "its path doesn't start with /"
  if (/[?#]/.test(path)) return `its path contains ${path.includes('?') ? '?' : '#'}, which isn't part of a path`
  const prefix = prefixOf(item, given)
  if (typeof prefix !== 'string') return prefix.reason
  const properties = new Set<string>()
  const parameters = operationParameters(root, item, given, converter, properties)
  if (typeof parameters === 'string') return parameters
  const missing = [...path.matchAll(/\{([^{}]*)\}/g)]
    .map(([, name]) => name ?? '')
    .find((name) => !parameters.some((one) => one.in === 'path' && one.name === name))
  if (missing !== undefined) return `its path uses {${missing}}, which isn't a declared parameter`
  const body = operationBody(root, given['requestBody'], converter, properties)
  if (typeof body === 'string') return body
  return {
    id,
    method,
    path: prefix + path,
    tags,
    summary: shownText(given['summary'] ?? item['summary'], 300),
    description: shownText(given['description'] ?? item['description'], MAX_DESCRIPTION_LENGTH),
    deprecated: given['deprecated'] === true,
    parameters,
    body,
  }
}

/**
 * Returns the operation's ID in a form that clients accept (`issues/list` becomes issues_list), or one made of method
 * and path.
 */
function idOf(operation: unknown, word: string, path: string): string {
  return plainId(isObject(operation) ? textOf(operation['operationId']) : null) || generatedId(word, path)
}

/** Returns the part of an operation ID that is used in a tool's name. */
export function plainId(id: string | null): string {
  return (id ?? '')
    .replaceAll(/[^A-Za-z0-9_-]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .slice(0, 256)
}

/** `GET /listings/{id}/photos` becomes get_listings_by_id_photos. */
function generatedId(word: string, path: string): string {
  const words = path
    .split('/')
    .filter((part) => part !== '')
    .map((part) =>
      part
        .replaceAll(/\{([^{}]*)\}/g, 'by_$1')
        .replaceAll(/[^A-Za-z0-9]+/g, '_')
        .replaceAll(/^_+|_+$/g, ''),
    )
  return [word.toLowerCase(), ...words.filter((one) => one !== '')].join('_').slice(0, 256)
}

/**
 * Operations with the same ID get method and path added to theirs, regardless of their order, so that names survive a
 * reordered document.
 */
function withUniqueIds(listed: readonly Listed[]): Listed[] {
  const counts = countBy(listed)
  const named = listed.map((one) =>
    (counts.get(one.id) ?? 0) > 1 ? { ...one, id: `${one.id}_${generatedId(one.word, one.path)}` } : one,
  )
  const again = countBy(named)
  return named.map((one) => {
    if (again.get(one.id) === 1) return one
    const hash = createHash('sha256').update(`${one.word.toUpperCase()} ${one.path}`).digest('hex').slice(0, 8)
    return { ...one, id: `${one.id}_${hash}` }
  })
}

function countBy(listed: readonly Listed[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { id } of listed) counts.set(id, (counts.get(id) ?? 0) + 1)
  return counts
}
