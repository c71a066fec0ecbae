import { randomUUID } from 'node:crypto'
import { invalidRequest } from '../../../../contract/errors.ts'
import { exactJson } from '../../../text/exact-json.ts'
import { detectedType, essenceOf, fileNameFor, isJsonType, isMediaRange } from './media-types.ts'
import type { BodyField, OperationBody } from './operation-body.ts'
import { encodedPairs } from './value-encoding.ts'

interface SentBody {
  bytes: Buffer
  mediaType: string
}

const MEDIA_TYPE =
  /^[A-Za-z0-9!#$&^_.+-]{1,127}\/[A-Za-z0-9!#$&^_.+-]{1,127}(?:; *[A-Za-z0-9!#$&^_.+-]+=(?:[A-Za-z0-9!#$&^_.+:/-]+|"[^"\\\r\n]*"))*$/

/** `givenType` is the caller's media type, for bodies whose document declares only a range. */
export function encodedBody(body: OperationBody, value: unknown, givenType: unknown): SentBody {
  const { property, kind, mediaType } = body
  switch (kind) {
    case 'json':
      return {
        bytes: Buffer.from(exactJson(value)),
        mediaType: isMediaRange(mediaType) ? 'application/json' : mediaType,
      }
    case 'form':
      return {
        bytes: Buffer.from(formText(body, recordOf(property, value))),
        mediaType: 'application/x-www-form-urlencoded',
      }
    case 'multipart':
      return multipart(body, recordOf(property, value))
    case 'text':
      if (typeof value !== 'string')
        throw invalidRequest(`Field "${property}" must be a string because the body is ${mediaType}.`, property)
      return { bytes: Buffer.from(value), mediaType: isMediaRange(mediaType) ? 'text/plain; charset=utf-8' : mediaType }
    case 'bytes':
      return bytesBody(body, value, givenType)
  }
}

function bytesBody({ property, mediaType, typeArgument }: OperationBody, value: unknown, givenType: unknown): SentBody {
  const { bytes, declaredType } = decodedFile(property, value)
  if (typeArgument === null) return { bytes, mediaType }
  if (typeof givenType === 'string') return { bytes, mediaType: checkedType(typeArgument.property, givenType) }
  const family = essenceOf(mediaType).split('/', 1)[0] ?? '*'
  const type = [declaredType, detectedType(bytes)].find(
    (one) => one !== null && (family === '*' || one.startsWith(`${family}/`)),
  )
  if (type !== undefined && type !== null) return { bytes, mediaType: type }
  if (family === '*') return { bytes, mediaType: 'application/octet-stream' }
  throw invalidRequest(
    `Couldn't tell the media type of the body. Set "${typeArgument.property}" to one of ${mediaType}.`,
    typeArgument.property,
  )
}

function recordOf(field: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalidRequest(`Field "${field}" must be an object.`, field)
  return value as Record<string, unknown>
}

/** Fields without a declared style are repeated if they are lists, and JSON if they are objects. */
function formText(body: OperationBody, value: Record<string, unknown>): string {
  return Object.entries(value)
    .filter(([, inner]) => inner !== undefined && inner !== null)
    .flatMap(([name, inner]) => {
      const field = `${body.property}.${name}`
      const style = body.fields[name]?.style ?? null
      if (style !== null) return encodedPairs({ name, field, value: inner, ...style }, formEncoded)
      const values = Array.isArray(inner) ? (inner as unknown[]) : [inner]
      return values.map((one) => `${formEncoded(name)}=${formEncoded(textOrJson(one))}`)
    })
    .join('&')
}

function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

function textOrJson(value: unknown): string {
  return typeof value === 'string' ? value : exactJson(value)
}

function multipart(body: OperationBody, value: Record<string, unknown>): SentBody {
  const boundary = `hallpass-${randomUUID()}`
  const parts = Object.entries(value)
    .filter(([, inner]) => inner !== undefined && inner !== null)
    .flatMap(([name, inner]) => {
      const field = body.fields[name]
      const values = Array.isArray(inner) && field?.contentType !== 'application/json' ? (inner as unknown[]) : [inner]
      return values.map((one) => part(`${body.property}.${name}`, name, field, one))
    })
    .flatMap(({ head, bytes }) => [
      Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; ${head}\r\n\r\n`),
      bytes,
      Buffer.from('\r\n'),
    ])
  return {
    bytes: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    mediaType: `multipart/form-data; boundary=${boundary}`,
  }
}

function part(
  path: string,
  name: string,
  field: BodyField | undefined,
  value: unknown,
): { head: string; bytes: Buffer } {
  const label = `name="${quoted(name)}"`
  if (field?.isFile === true) {
    const { bytes, declaredType, fileName } = decodedFile(path, value)
    const documented = field.contentType === null || isMediaRange(field.contentType) ? null : field.contentType
    const type = declaredType ?? documented ?? detectedType(bytes) ?? 'application/octet-stream'
    const shownName = fileName ?? fileNameFor(name, type)
    return { head: `${label}; filename="${quoted(shownName)}"\r\nContent-Type: ${type}`, bytes }
  }
  const isStructured = typeof value === 'object' && value !== null
  const type = field?.contentType ?? (isStructured ? 'application/json' : null)
  const text = type !== null && isJsonType(type) ? exactJson(value) : textOrJson(value)
  return { head: type === null ? label : `${label}\r\nContent-Type: ${type}`, bytes: Buffer.from(text) }
}

function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
  return text.replaceAll(/["\u0000-\u001f\u007f]/g, (character) => encodeURIComponent(character))
}

interface DecodedFile {
  bytes: Buffer
  declaredType: string | null
  fileName: string | null
}

/** Reads base64, a data URL, or an object with base64, file_name and content_type. */
function decodedFile(field: string, value: unknown): DecodedFile {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const { base64, file_name: fileName, content_type: type } = value as Record<string, unknown>
    const file = decodedFile(`${field}.base64`, base64)
    return {
      bytes: file.bytes,
      declaredType: typeof type === 'string' ? checkedType(`${field}.content_type`, type) : file.declaredType,
      fileName: typeof fileName === 'string' && fileName !== '' ? fileName.slice(0, 255) : null,
    }
  }
  if (typeof value !== 'string') throw invalidRequest(`Field "${field}" must be a base64-encoded file.`, field)
  const url = /^data:([^;,]*)((?:;[^;,]*)*?);base64,/.exec(value)
  const text = (url === null ? value : value.slice(url[0].length)).replaceAll(/\s/g, '')
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(text) || text.replace(/=+$/, '').length % 4 === 1)
    throw invalidRequest(`Field "${field}" isn't valid base64. Encode the file's bytes as base64.`, field)
  const type = url?.[1] ?? ''
  return {
    bytes: Buffer.from(text, 'base64'),
    declaredType: MEDIA_TYPE.test(type) ? type : null,
    fileName: null,
  }
}

function checkedType(field: string, type: string): string {
  if (!MEDIA_TYPE.test(type)) throw invalidRequest(`Field "${field}" isn't a media type, such as image/png.`, field)
  return type
}
