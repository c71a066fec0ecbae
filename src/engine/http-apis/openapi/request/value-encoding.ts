import { invalidRequest } from '../../../../contract/errors.ts'
import { exactJson } from '../../../text/exact-json.ts'
import type { ParameterStyle } from './operation-parameters.ts'

/** A value to be encoded for a URL, header or form. `field` names it in errors. */
export interface StyledValue extends ParameterStyle {
  name: string
  field: string
  value: unknown
}

/** Encodes text for a query, or for a form, where a space becomes a plus sign. */
export type Encode = (text: string) => string

/** Doesn't encode characters that RFC 3986 reserves, except those that separate or end parts of a query. */
export function encodeReserved(text: string): string {
  return encodeURIComponent(text).replaceAll(/%(?:2F|3A|3F|40|21|24|27|28|29|2A|2C|5B|5D)/g, decodeURIComponent)
}

/** Returns `name=value` pairs for a query or a form, encoded. An empty list or object sends nothing. */
export function encodedPairs({ name, field, value, style, explode }: StyledValue, encode: Encode): string[] {
  const text = (one: unknown): string => encode(plainText(field, one))
  if (style === 'deepObject' && typeof value === 'object' && value !== null)
    return deepPairs(name, field, value).map(([key, inner]) => `${encode(key)}=${text(inner)}`)
  if (Array.isArray(value)) {
    if (value.length === 0) return []
    if (explode) return value.map((one) => `${encode(name)}=${text(one)}`)
    return [`${encode(name)}=${value.map(text).join(separatorOf(style))}`]
  }
  if (isRecord(value)) {
    const entries = Object.entries(value).filter(([, inner]) => inner !== undefined && inner !== null)
    if (entries.length === 0) return []
    // A list in an exploded object, such as `sort` in Spring's Pageable, is repeated like any exploded list.
    if (explode)
      return entries.flatMap(([key, inner]) =>
        (Array.isArray(inner) ? (inner as unknown[]) : [inner]).map((one) => `${encode(key)}=${text(one)}`),
      )
    return [`${encode(name)}=${entries.flatMap(([key, inner]) => [encode(key), text(inner)]).join(separatorOf(style))}`]
  }
  return [`${encode(name)}=${text(value)}`]
}

function separatorOf(style: string): string {
  if (style === 'spaceDelimited') return '%20'
  return style === 'pipeDelimited' ? '%7C' : ','
}

/** `{a: {b: 1}, c: [2]}` of `filter` becomes filter[a][b] and filter[c][0], which PHP, Rack, qs and Stripe read. */
function deepPairs(name: string, field: string, value: unknown, depth = 0): [string, unknown][] {
  if (value === undefined || value === null) return []
  if (typeof value !== 'object') return [[name, value]]
  if (depth > 16) throw invalidRequest(`Field "${field}" is nested too deeply.`, field)
  return Object.entries(value).flatMap(([key, inner]) => deepPairs(`${name}[${key}]`, field, inner, depth + 1))
}

/**
 * Returns the encoded text of a path parameter (RFC 6570). Throws for a value that would span segments: a slash is
 * allowed only if the connection allows encoded ones.
 */
export function pathText({ name, field, value, style, explode }: StyledValue, allowSlash: boolean): string {
  const text = (one: unknown): string => segmentText(field, one, allowSlash)
  const label = encodeURIComponent(name)
  const list = Array.isArray(value)
    ? value.map(text)
    : isRecord(value)
      ? Object.entries(value).flatMap(([key, inner]) =>
          explode ? [`${text(key)}=${text(inner)}`] : [text(key), text(inner)],
        )
      : [text(value)]
  if (list.length === 0) throw emptySegment(field)
  const isKeyed = isRecord(value) && explode
  if (style === 'label') return `.${list.join(explode ? '.' : ',')}`
  if (style !== 'matrix') return list.join(',')
  if (isKeyed) return `;${list.join(';')}`
  return explode && Array.isArray(value)
    ? list.map((one) => `;${label}=${one}`).join('')
    : `;${label}=${list.join(',')}`
}

function segmentText(field: string, value: unknown, allowSlash: boolean): string {
  const text = plainText(field, value)
  if (text === '') throw emptySegment(field)
  const segments = allowSlash ? text.split('/') : [text]
  if (segments.some((one) => /[/\\]/.test(one) || one === '.' || one === '..' || (one === '' && allowSlash)))
    throw invalidRequest(
      allowSlash
        ? `Field "${field}" can't contain empty segments, backslashes or the segments "." and "..".`
        : `Field "${field}" is one segment of the path. It can't contain slashes or be "." or "..". To send encoded slashes, allow them for this connection (--allow-encoded-slash).`,
      field,
    )
  return encodeURIComponent(text)
}

function emptySegment(field: string) {
  return invalidRequest(`Field "${field}" is part of the path and can't be empty.`, field)
}

/** Returns the text of a header: simple style, one line of printable ASCII. */
export function headerText({ field, value, explode }: StyledValue): string {
  const parts = Array.isArray(value)
    ? value.map((one) => plainText(field, one))
    : isRecord(value)
      ? Object.entries(value).flatMap(([key, inner]) =>
          explode ? [`${key}=${plainText(field, inner)}`] : [key, plainText(field, inner)],
        )
      : [plainText(field, value)]
  return checkedHeader(field, parts.join(','))
}

export function checkedHeader(field: string, text: string): string {
  if (!/^[\x20-\x7e]*$/.test(text))
    throw invalidRequest(`Field "${field}" is sent as a header. Use printable ASCII only.`, field)
  return text
}

function plainText(field: string, value: unknown): string {
  if (typeof value === 'string') {
    if (!value.isWellFormed()) throw invalidRequest(`Field "${field}" isn't valid Unicode.`, field)
    return value
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint' || value === null)
    return exactJson(value)
  throw invalidRequest(`Field "${field}" can't contain nested ${Array.isArray(value) ? 'lists' : 'objects'}.`, field)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
