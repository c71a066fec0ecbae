import { HallpassError } from '../../../contract/errors.ts'

export type JsonObject = Record<string, unknown>

/** An OpenAPI 3.0 or 3.1 document, parsed; nothing in it is checked but that it is one. */
export interface OpenapiDocument {
  root: JsonObject
  openapi: string
  title: string
  version: string
  servers: string[]
}

const LONGEST_TEXT = 32 * 1024 * 1024
const DEEPEST = 200

/** Reads JSON or YAML. INVALID_REQUEST says what the text is instead, and the way out. */
export async function readOpenapiDocument(text: string): Promise<OpenapiDocument> {
  if (text.length > LONGEST_TEXT) throw notOpenapi('is larger than 32 MiB')
  const start = text.replace(/^\uFEFF/, '').trimStart()
  if (start === '') throw notOpenapi('is empty')
  if (start.startsWith('<')) throw notOpenapi('is a web page or XML: give the address of the JSON or YAML file itself')
  const root = start.startsWith('{') || start.startsWith('[') ? parseJson(start) : await parseYaml(start)
  if (!isObject(root)) throw notOpenapi('holds no object')
  const { swagger, info, paths } = root
  // Unquoted in YAML, 3.0 is a number, and its zero is lost.
  const openapi = typeof root['openapi'] === 'number' ? root['openapi'].toFixed(1) : root['openapi']
  if (typeof swagger === 'string' || typeof swagger === 'number') {
    throw notOpenapi(
      `is Swagger ${String(swagger).slice(0, 8)}: versions 3.0 and 3.1 of OpenAPI are read. Convert it first, with swagger2openapi for instance`,
    )
  }
  if (typeof root['asyncapi'] === 'string') throw notOpenapi('is AsyncAPI, which describes no HTTP operations')
  if (typeof openapi !== 'string') throw notOpenapi('has no field "openapi" with its version')
  if (!/^3\.[01](?:\.|$)/.test(openapi))
    throw notOpenapi(`is of version ${openapi.slice(0, 16)}: versions 3.0 and 3.1 are read`)
  if (!isObject(paths))
    throw notOpenapi(paths === undefined ? 'has no "paths", so no operations' : 'has a field "paths" that is no object')
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
    throw notOpenapi(`is no JSON${place === undefined ? '' : ` (at character ${place})`}`)
  }
}

async function parseYaml(text: string): Promise<unknown> {
  const { loadYaml } = await import('./yaml-loader.ts')
  try {
    return loadYaml(text, { maxDepth: DEEPEST })
  } catch (thrown) {
    const line = (thrown as { mark?: { line?: number } }).mark?.line
    throw notOpenapi(`is neither JSON nor YAML${line === undefined ? '' : ` (at line ${line + 1})`}`)
  }
}

export function notOpenapi(what: string): HallpassError {
  return new HallpassError('INVALID_REQUEST', `openapi: the document ${what}.`)
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : null
}

/**
 * What a local `$ref` leads to, through further ones; the value itself when it is none. Null for one that leads nowhere, in a circle, or out of
 * the document: other files and addresses are never read.
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
    // A stray percent sign is then part of the name.
    return part
  }
}
