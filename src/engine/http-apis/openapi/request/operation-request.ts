import { invalidRequest } from '../../../../contract/errors.ts'
import { encodedBody } from './body-encoding.ts'
import { exactJson } from '../../../text/exact-json.ts'
import type { OperationParameter } from './operation-parameters.ts'
import type { Operation } from '../document/operations.ts'
import { isObject, type JsonObject } from '../../../text/json.ts'
import {
  checkedHeader,
  encodedPairs,
  encodeReserved,
  headerText,
  pathText,
  type StyledValue,
} from './value-encoding.ts'

/** Depth to which required fields of a body are checked. */
const MAX_BODY_DEPTH = 12

interface OperationRequest {
  method: string
  path: string
  search: string
  rawHeaders: string[]
  body: Buffer | null
}

/** Returns the request for an operation and its arguments. Throws INVALID_REQUEST with the field that is missing, unknown or of the wrong type. */
export function operationRequest(
  operation: Operation,
  args: Readonly<Record<string, unknown>>,
  context: { schemas: Readonly<Record<string, JsonObject>>; allowEncodedSlash: boolean },
): OperationRequest {
  rejectUnknown(operation, args)
  let path = operation.path
  const query: string[] = []
  const rawHeaders = ['accept', 'application/json, */*;q=0.5', 'user-agent', 'hallpass']
  for (const parameter of operation.parameters) {
    const value = args[parameter.property]
    if (value === undefined || value === null) {
      if (parameter.required) throw missing(operation, parameter.property)
      continue
    }
    const styled = styledValue(parameter, value)
    if (parameter.in === 'path')
      path = path.replaceAll(`{${parameter.name}}`, () => pathText(styled, context.allowEncodedSlash))
    else if (parameter.in === 'query')
      query.push(...encodedPairs(styled, parameter.allowReserved === true ? encodeReserved : encodeURIComponent))
    else rawHeaders.push(parameter.name.toLowerCase(), headerOf(parameter, styled))
  }
  const body = bodyOf(operation, args, context.schemas)
  if (body !== null) rawHeaders.push('content-type', body.mediaType)
  return {
    method: operation.method,
    path: encodedTemplate(path),
    search: query.join('&'),
    rawHeaders,
    body: body?.bytes ?? null,
  }
}

function rejectUnknown(operation: Operation, args: Readonly<Record<string, unknown>>): void {
  const { parameters, body } = operation
  const known = parameters.map((one) => one.property)
  if (body !== null) known.push(body.property)
  if (body?.typeArgument != null) known.push(body.typeArgument.property)
  const unknown = Object.keys(args).find((name) => !known.includes(name))
  if (unknown === undefined) return
  const list = known.length === 0 ? 'no fields' : known.map((name) => `"${name}"`).join(', ')
  throw invalidRequest(`Unknown field "${unknown.slice(0, 60)}". ${operation.id} takes ${list}.`, unknown.slice(0, 60))
}

/** A parameter declared with a media type is JSON text, whatever its style. */
function styledValue(parameter: OperationParameter, value: unknown): StyledValue {
  const { name, property: field, style, explode, json } = parameter
  return { name, field, style, explode, value: json ? exactJson(value) : value }
}

function headerOf({ json, property }: OperationParameter, styled: StyledValue): string {
  return json ? checkedHeader(property, String(styled.value)) : headerText(styled)
}

function bodyOf(
  operation: Operation,
  args: Readonly<Record<string, unknown>>,
  schemas: Readonly<Record<string, JsonObject>>,
) {
  const { body } = operation
  if (body === null) return null
  const value = args[body.property]
  if (value === undefined || (value === null && !acceptsNull(body.schema, schemas))) {
    if (body.required) throw missing(operation, body.property)
    return null
  }
  if (body.kind === 'json' || body.kind === 'form' || body.kind === 'multipart')
    checkRequiredFields(body.schema, value, schemas, body.property)
  return encodedBody(body, value, body.typeArgument === null ? undefined : args[body.typeArgument.property])
}

/** Elsewhere, null means "not given". */
function acceptsNull(schema: JsonObject, schemas: Readonly<Record<string, JsonObject>>): boolean {
  const ref = schema['$ref']
  const target = typeof ref === 'string' ? (schemas[ref.slice('#/$defs/'.length)] ?? {}) : schema
  const options = target['anyOf'] ?? target['oneOf']
  return (
    target['type'] === 'null' ||
    (Array.isArray(options) && options.some((one) => isObject(one) && one['type'] === 'null'))
  )
}

function missing(operation: Operation, field: string) {
  return invalidRequest(`Missing field "${field}" (${operation.id}).`, field)
}

/** Encodes the literal parts between the placeholders where necessary. */
function encodedTemplate(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9._~!$&'()*+,;=:@/%-]/g, (character) => encodeURIComponent(character))
}

/**
 * Throws INVALID_REQUEST if a required field is missing, at any depth. Alternatives (anyOf, oneOf) aren't checked,
 * because it isn't known which one is meant.
 */
function checkRequiredFields(
  schema: JsonObject,
  value: unknown,
  schemas: Readonly<Record<string, JsonObject>>,
  path: string,
  depth = 0,
): void {
  if (depth > MAX_BODY_DEPTH || typeof value !== 'object' || value === null) return
  const ref = schema['$ref']
  if (typeof ref === 'string') {
    const target = schemas[ref.slice('#/$defs/'.length)]
    if (target !== undefined) checkRequiredFields(target, value, schemas, path, depth + 1)
    return
  }
  for (const part of listOf(schema['allOf'])) checkRequiredFields(part, value, schemas, path, depth + 1)
  if (Array.isArray(value)) {
    const items = schema['items']
    if (isObject(items))
      value.forEach((one, index) => checkRequiredFields(items, one, schemas, `${path}.${index}`, depth + 1))
    return
  }
  const record = value as JsonObject
  for (const name of Array.isArray(schema['required']) ? schema['required'] : [])
    if (typeof name === 'string' && (!Object.hasOwn(record, name) || record[name] === undefined))
      throw invalidRequest(`Missing field "${path}.${name}".`, `${path}.${name}`)
  const { properties } = schema
  if (!isObject(properties)) return
  for (const [name, inner] of Object.entries(record)) {
    const shape = Object.hasOwn(properties, name) ? properties[name] : undefined
    if (isObject(shape)) checkRequiredFields(shape, inner, schemas, `${path}.${name}`, depth + 1)
  }
}

function listOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}
