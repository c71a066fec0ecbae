import { randomUUID } from 'node:crypto'
import { invalidRequest, type HallpassError } from '../../../contract/errors.ts'
import type { Operation, OperationBody, OperationParameter } from './operations.ts'

export interface OperationRequest {
  method: string
  path: string
  search: string
  rawHeaders: string[]
  body: Buffer | null
}

/** The request that an operation makes of its arguments. INVALID_REQUEST names the argument that is missing, unknown or of the wrong kind. */
export function operationRequest(operation: Operation, args: Readonly<Record<string, unknown>>): OperationRequest {
  const { parameters, body } = operation
  const known = [...parameters.map((one) => one.property), ...(body === null ? [] : [body.property])]
  const unknown = Object.keys(args).find((name) => !known.includes(name))
  if (unknown !== undefined)
    throw wrong(
      `Unknown field "${unknown.slice(0, 60)}". ${operation.id} takes ${known.length === 0 ? 'no fields' : known.map((name) => `"${name}"`).join(', ')}.`,
    )
  let path = operation.path
  const query: string[] = []
  const rawHeaders = ['accept', 'application/json, */*;q=0.5', 'user-agent', 'hallpass']
  for (const parameter of parameters) {
    const value = args[parameter.property]
    if (value === undefined || value === null) {
      if (parameter.required)
        throw wrong(`Missing field "${parameter.property}" (${operation.id}).`, parameter.property)
      continue
    }
    if (parameter.in === 'path') path = path.replaceAll(`{${parameter.name}}`, () => segment(parameter, value))
    else if (parameter.in === 'query') query.push(...queryParts(parameter, value))
    else rawHeaders.push(parameter.name.toLowerCase(), headerValue(parameter, value))
  }
  const sent = body === null ? null : bodyOf(operation, body, args[body.property])
  if (sent !== null) rawHeaders.push('content-type', sent.mediaType)
  return {
    method: operation.method,
    path: encodedTemplate(path),
    search: query.join('&'),
    rawHeaders,
    body: sent?.bytes ?? null,
  }
}

/** What the document itself wrote between the placeholders, encoded where it must be. */
function encodedTemplate(path: string): string {
  return path.replaceAll(/[^A-Za-z0-9._~!$&'()*+,;=:@/%-]/g, (character) => encodeURIComponent(character))
}

/** A value never reaches over its own segment: what would be a separator or a dot segment is refused where the path is judged. */
function segment(parameter: OperationParameter, value: unknown): string {
  const texts = parameter.json
    ? [JSON.stringify(value)]
    : Array.isArray(value)
      ? value.map((one) => text(parameter, one))
      : pairsOrText(parameter, value)
  if (texts.some((one) => one === ''))
    throw wrong(`Field "${parameter.property}" is part of the path and can't be empty.`, parameter.property)
  if (texts.some((one) => /[/\\]/.test(one) || one === '.' || one === '..'))
    throw wrong(
      `Field "${parameter.property}" is one segment of the path. It can't contain slashes or be "." or "..".`,
      parameter.property,
    )
  const joined = texts.map((one) => encodeURIComponent(one)).join(',')
  if (parameter.style === 'label') return `.${joined}`
  return parameter.style === 'matrix' ? `;${encodeURIComponent(parameter.name)}=${joined}` : joined
}

function pairsOrText(parameter: OperationParameter, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [text(parameter, value)]
  return Object.entries(value).flatMap(([key, inner]) =>
    parameter.explode ? [`${key}=${text(parameter, inner)}`] : [key, text(parameter, inner)],
  )
}

function queryParts(parameter: OperationParameter, value: unknown): string[] {
  const name = encodeURIComponent(parameter.name)
  if (parameter.json) return [`${name}=${encodeURIComponent(JSON.stringify(value))}`]
  if (Array.isArray(value)) {
    const items = value.map((one) => encodeURIComponent(text(parameter, one)))
    if (parameter.explode) return items.map((item) => `${name}=${item}`)
    const separator = parameter.style === 'spaceDelimited' ? '%20' : parameter.style === 'pipeDelimited' ? '%7C' : ','
    return items.length === 0 ? [] : [`${name}=${items.join(separator)}`]
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(
      ([key, inner]) => [encodeURIComponent(key), encodeURIComponent(text(parameter, inner))] as const,
    )
    if (parameter.style === 'deepObject') return entries.map(([key, inner]) => `${name}%5B${key}%5D=${inner}`)
    if (parameter.explode) return entries.map(([key, inner]) => `${key}=${inner}`)
    return [`${name}=${entries.flat().join(',')}`]
  }
  return [`${name}=${encodeURIComponent(text(parameter, value))}`]
}

function headerValue(parameter: OperationParameter, value: unknown): string {
  const sent = parameter.json
    ? JSON.stringify(value)
    : Array.isArray(value)
      ? value.map((one) => text(parameter, one)).join(',')
      : pairsOrText(parameter, value).join(',')
  if (!/^[\x20-\x7e]*$/.test(sent))
    throw wrong(`Field "${parameter.property}" is sent as a header. Use printable ASCII only.`, parameter.property)
  return sent
}

function text(parameter: OperationParameter, value: unknown): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw wrong(`Field "${parameter.property}" isn't valid Unicode.`, parameter.property)
    return value
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value === null) return 'null'
  throw wrong(
    `Field "${parameter.property}" can't contain nested ${Array.isArray(value) ? 'lists' : 'objects'}.`,
    parameter.property,
  )
}

function bodyOf(
  operation: Operation,
  body: OperationBody,
  value: unknown,
): { bytes: Buffer; mediaType: string } | null {
  const { mediaType, property } = body
  if (value === undefined) {
    if (body.required) throw wrong(`Missing field "${property}" (${operation.id}).`, property)
    return null
  }
  if (/[/+]json\b/i.test(mediaType)) return { bytes: Buffer.from(JSON.stringify(value)), mediaType }
  if (/x-www-form-urlencoded/i.test(mediaType))
    return {
      bytes: Buffer.from(new URLSearchParams(formFields(property, value)).toString()),
      mediaType: 'application/x-www-form-urlencoded',
    }
  if (/multipart\/form-data/i.test(mediaType)) return multipart(property, body, value)
  if (typeof value !== 'string')
    throw wrong(`Field "${property}" must be a string because the body is ${mediaType}.`, property)
  return { bytes: /^text\//i.test(mediaType) ? Buffer.from(value) : Buffer.from(value, 'base64'), mediaType }
}

function formFields(property: string, value: unknown): [string, string][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw wrong(`Field "${property}" must be an object.`, property)
  return Object.entries(value).flatMap(([key, inner]): [string, string][] => {
    if (inner === undefined) return []
    if (Array.isArray(inner)) return inner.map((one) => [key, plain(one)])
    return [[key, plain(inner)]]
  })
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** Fields that the schema calls binary come in base64 and go as files. */
function multipart(property: string, body: OperationBody, value: unknown): { bytes: Buffer; mediaType: string } {
  const boundary = `hallpass-${randomUUID()}`
  const shapes = (body.schema['properties'] ?? {}) as Record<string, { format?: unknown } | undefined>
  const parts = formFields(property, value).flatMap(([name, given]) => {
    const label = name.replaceAll(/["\r\n]/g, (character) => encodeURIComponent(character))
    const binary = shapes[name]?.format === 'binary' || shapes[name]?.format === 'byte'
    const head = binary ? `; filename="${label}"\r\nContent-Type: application/octet-stream` : ''
    return [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${label}"${head}\r\n\r\n`),
      Buffer.from(given, binary ? 'base64' : 'utf8'),
      Buffer.from('\r\n'),
    ]
  })
  return {
    bytes: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    mediaType: `multipart/form-data; boundary=${boundary}`,
  }
}

function wrong(sentence: string, field?: string): HallpassError {
  return invalidRequest(sentence, field)
}
