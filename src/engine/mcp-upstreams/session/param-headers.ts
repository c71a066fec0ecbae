import { objectOf, type JsonObject } from '../../text/json.ts'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const PLAIN = /^[\t\x20-\x7e]*$/

/**
 * Returns the headers that a modern tool requests with `x-mcp-header` in its input schema: arguments by which proxies
 * can route (Streamable HTTP, 2026-07-28). Nested properties count at any depth.
 */
export function paramHeaders(inputSchema: unknown, args: unknown): Record<string, string> {
  const headers: Record<string, string> = {}
  collect(objectOf(inputSchema), objectOf(args), headers)
  return headers
}

function collect(schema: JsonObject | null, args: JsonObject | null, headers: Record<string, string>): void {
  const properties = objectOf(schema?.['properties'])
  if (properties === null || args === null) return
  for (const [name, value] of Object.entries(properties)) {
    const property = objectOf(value)
    if (property === null || !Object.hasOwn(args, name)) continue
    const header = property['x-mcp-header']
    if (typeof header === 'string' && TOKEN.test(header)) {
      const text = textOf(args[name])
      if (text !== null) headers[`Mcp-Param-${header}`] = encodedValue(text)
    }
    collect(property, objectOf(args[name]), headers)
  }
}

function textOf(value: unknown): string | null {
  if (typeof value === 'string') return value
  if (typeof value === 'boolean') return String(value)
  if (typeof value === 'number' && Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value)))
    return String(value)
  return null
}

/** Encodes any text as a header value. */
export function encodedValue(text: string): string {
  const sound =
    text !== '' && PLAIN.test(text) && text.trim() === text && !(text.startsWith('=?base64?') && text.endsWith('?='))
  return sound ? text : `=?base64?${Buffer.from(text).toString('base64')}?=`
}
