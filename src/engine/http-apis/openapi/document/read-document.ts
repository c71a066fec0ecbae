import { invalidRequest, type HallpassError } from '../../../../contract/errors.ts'
import { isObject, type JsonObject } from '../../../text/json.ts'
import { visible } from '../../../text/visible-text.ts'

/** A parsed OpenAPI 3.0 or 3.1 document. Nothing else about it is validated. */
export interface OpenapiDocument {
  root: JsonObject
  openapi: string
  title: string
  version: string
  servers: string[]
}

const MAX_DEPTH = 200

/** Parses JSON or YAML. Throws INVALID_REQUEST that says what the text is instead. */
export async function readOpenapiDocument(text: string): Promise<OpenapiDocument> {
  const start = text.replace(/^\uFEFF/, '').trimStart()
  if (start === '') throw notOpenapi('is empty')
  if (start.startsWith('<')) throw notOpenapi('is a web page or XML. Use the URL of the JSON or YAML file')
  const root = start.startsWith('{') || start.startsWith('[') ? parseJson(start) : await parseYaml(start)
  if (!isObject(root)) throw notOpenapi("doesn't contain an object")
  const { swagger, info, paths } = root
  // In YAML, an unquoted 3.0 is a number and loses its zero.
  const openapi = typeof root['openapi'] === 'number' ? root['openapi'].toFixed(1) : root['openapi']
  if (typeof swagger === 'string' || typeof swagger === 'number') {
    throw notOpenapi(
      `is Swagger ${String(swagger).slice(0, 8)}. Hallpass supports OpenAPI 3.0 and 3.1. Convert it first, for example with swagger2openapi`,
    )
  }
  if (typeof root['asyncapi'] === 'string') throw notOpenapi('is an AsyncAPI document, not OpenAPI')
  if (typeof openapi !== 'string') throw notOpenapi('has no "openapi" version field')
  if (!/^3\.[01](?:\.|$)/.test(openapi))
    throw notOpenapi(`has version ${openapi.slice(0, 16)}. Hallpass supports 3.0 and 3.1`)
  if (!isObject(paths)) throw notOpenapi(paths === undefined ? 'has no "paths"' : 'has an invalid "paths" field')
  const about = isObject(info) ? info : {}
  const servers = Array.isArray(root['servers']) ? root['servers'] : []
  return {
    root,
    openapi,
    title: textOf(about['title']) ?? 'Untitled API',
    version: textOf(about['version']) ?? '',
    servers: servers
      .flatMap((server) =>
        isObject(server) && typeof server['url'] === 'string' ? [server['url'].slice(0, 2048)] : [],
      )
      .slice(0, 50),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (thrown) {
    const place = thrown instanceof SyntaxError ? /position (\d+)/.exec(thrown.message)?.[1] : undefined
    throw notOpenapi(`isn't valid JSON${place === undefined ? '' : ` (at character ${place})`}`)
  }
}

async function parseYaml(text: string): Promise<unknown> {
  // Imported for the first document, to keep it out of the engine's start.
  const { load } = await import('js-yaml')
  try {
    return load(text, { maxDepth: MAX_DEPTH })
  } catch (thrown) {
    const line = (thrown as { mark?: { line?: number } }).mark?.line
    throw notOpenapi(`isn't valid JSON or YAML${line === undefined ? '' : ` (line ${line + 1})`}`)
  }
}

export function notOpenapi(what: string): HallpassError {
  return invalidRequest(`The OpenAPI document ${what}.`, 'config.openapi')
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null
}

/**
 * Follows a local `$ref` to its target. Returns other values unchanged. Returns null if the target is missing, circular
 * or outside the document, because other files and URLs are never read.
 */
export function resolved(root: JsonObject, value: unknown): unknown {
  const seen = new Set<string>()
  let current = value
  while (isObject(current) && typeof current['$ref'] === 'string') {
    const ref = current['$ref']
    if (seen.has(ref)) return null
    seen.add(ref)
    current = pointedAt(root, ref)
  }
  return current
}

export function pointedAt(root: JsonObject, ref: string): unknown {
  if (!ref.startsWith('#/')) return null
  let current: unknown = root
  for (const part of ref.slice(2).split('/')) {
    const key = decoded(part).replaceAll('~1', '/').replaceAll('~0', '~')
    if (Array.isArray(current)) current = current[Number(key)]
    else if (isObject(current) && Object.hasOwn(current, key)) current = current[key]
    else return null
  }
  return current ?? null
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // A stray percent sign is part of the name.
    return part
  }
}

/** Returns a text that is safe to show to people and models, or null if there is none. */
export function shownText(value: unknown, maxLength: number): string | null {
  const text = typeof value === 'string' ? value.trim() : ''
  if (text === '') return null
  return visible(text.length > maxLength ? `${text.slice(0, maxLength)}…` : text)
}
