import { isObject, type JsonObject } from '../../text/json.ts'
import { clientUri } from './resource-uris.ts'

/** Returns the result with client-facing resource URIs. Data in tool results is unchanged. */
export function rewriteResult(connection: string, method: string, result: JsonObject): JsonObject {
  switch (method) {
    case 'tools/call':
      return within(result, 'content', (block) => rewriteBlock(connection, block))
    case 'resources/read':
      return within(result, 'contents', (content) => withUri(connection, content))
    case 'prompts/get':
      return within(result, 'messages', (message) => {
        const { content } = message
        return isObject(content) ? { ...message, content: rewriteBlock(connection, content) } : message
      })
    default:
      return result
  }
}

function within(result: JsonObject, key: string, change: (item: JsonObject) => JsonObject): JsonObject {
  const items = result[key]
  return Array.isArray(items)
    ? { ...result, [key]: items.map((item: unknown) => (isObject(item) ? change(item) : item)) }
    : result
}

function rewriteBlock(connection: string, block: JsonObject): JsonObject {
  if (block['type'] === 'resource_link') return withUri(connection, block)
  const { resource } = block
  return block['type'] === 'resource' && isObject(resource)
    ? { ...block, resource: withUri(connection, resource) }
    : block
}

function withUri(connection: string, item: JsonObject): JsonObject {
  return typeof item['uri'] === 'string' ? { ...item, uri: clientUri(connection, item['uri']) } : item
}
