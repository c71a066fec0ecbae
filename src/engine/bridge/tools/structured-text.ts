import { matchesSchema } from '../../mcp-upstreams/protocol/matches-schema.ts'
import { parseExactJson, serializable } from '../../text/exact-json.ts'
import { isObject, isTooDeep, type JsonObject } from '../../text/json.ts'

/**
 * Fills in the structured content of a tool that declares its output but returns it as JSON text only. Clients that check
 * results against the declared schema reject them otherwise.
 */
export function withStructuredText<T extends JsonObject>(result: T, outputSchema: unknown): T {
  const { content, structuredContent, isError, resultType } = result
  if (!isObject(outputSchema) || structuredContent !== undefined || isError === true || resultType === 'input_required')
    return result
  const texts = Array.isArray(content) ? content.filter((block) => isObject(block) && block['type'] === 'text') : []
  const [only, ...others] = texts as JsonObject[]
  if (only === undefined || others.length > 0) return result
  const parsed = parsedObject(String(only['text']))
  if (parsed === null || isTooDeep(parsed) || !matchesSchema(parsed, outputSchema)) return result
  return { ...result, structuredContent: serializable(parsed) }
}

function parsedObject(text: string): JsonObject | null {
  if (!/^\s*\{/.test(text)) return null
  try {
    const value = parseExactJson(text)
    return isObject(value) ? value : null
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null
    throw thrown
  }
}
