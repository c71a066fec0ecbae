import { exactJson } from '../../text/exact-json.ts'
import { isObject, objectOf, type JsonObject } from '../../text/json.ts'
import { withValidResourceFields } from './valid-definition.ts'
import { isFlag, isText, repairedItems, validAnnotations, withRepaired, withValidFields } from './valid-parts.ts'

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/
const DATA_URL = /^data:[^,]{0,200};base64,/
const MAX_COMPLETIONS = 100

/**
 * Returns the result in a form that matches the protocol's schema, or the same object if it already does. Content of
 * unknown types becomes text, so that nothing is lost.
 */
export function validResult(method: string, result: JsonObject, params: JsonObject | undefined): JsonObject {
  if (result['resultType'] === 'input_required') return result
  const valid = withValidFields(result, { _meta: isObject, nextCursor: isText })
  switch (method) {
    case 'tools/call':
      return validCallResult(valid)
    case 'prompts/get':
      return validMessages(withValidFields(valid, { description: isText }))
    case 'resources/read':
      return validContents(valid, params?.['uri'])
    case 'completion/complete':
      return validCompletion(valid)
    default:
      return valid
  }
}

function validCallResult(result: JsonObject): JsonObject {
  const { content, structuredContent, isError, toolResult } = result
  let valid = withValidFields(result, { structuredContent: isObject })
  if (isError !== undefined && !isFlag(isError)) valid = { ...valid, isError: isError === 'true' || isError === 1 }
  const blocks = Array.isArray(content) ? repairedItems(content, validBlock) : blocksOf(content)
  // Without content, many clients read nothing, and the protocol has no `toolResult`, so such a value becomes the content.
  const unread =
    isObject(structuredContent) && Array.isArray(content) ? undefined : [structuredContent, toolResult].find(isValue)
  if (blocks.length === 0 && unread !== undefined) return { ...valid, content: [asText(unread)] }
  return blocks === content ? valid : { ...valid, content: blocks }
}

function isValue(value: unknown): boolean {
  return value !== undefined && value !== null
}

/** Some servers send one block, or a text, instead of a list. */
function blocksOf(content: unknown): readonly JsonObject[] {
  if (content === undefined || content === null) return []
  const block = validBlock(content)
  return block === null ? [] : [block]
}

function asText(value: unknown): JsonObject {
  return { type: 'text', text: textOf(value) }
}

function textOf(value: unknown): string {
  if (!isValue(value)) return ''
  return typeof value === 'string' ? value : exactJson(value)
}

/** Returns a content block in a form of the protocol, or null if it is empty. */
function validBlock(value: unknown): JsonObject | null {
  const block = objectOf(value)
  if (block === null) return isValue(value) ? asText(value) : null
  const valid = withRepaired(withValidFields(block, { _meta: isObject }), 'annotations', validAnnotations)
  switch (block['type']) {
    case 'text':
      return typeof block['text'] === 'string' ? valid : { ...valid, text: textOf(block['text']) }
    case 'image':
    case 'audio':
      return isText(block['mimeType']) && base64Of(block['data']) !== null
        ? withRepaired(valid, 'data', base64Of)
        : asText(block)
    case 'resource_link':
      if (typeof block['uri'] !== 'string') return asText(block)
      return withValidResourceFields(isText(block['name']) ? valid : { ...valid, name: block['uri'] })
    case 'resource': {
      const resource = validContent(block['resource'], null)
      return resource === null ? asText(block) : withRepaired(valid, 'resource', () => resource)
    }
    default:
      return asText(block)
  }
}

/** Returns standard base64 for wrapped or URL-safe base64 or a data URL, and null for anything else. */
function base64Of(value: unknown): string | null {
  if (typeof value !== 'string') return null
  if (BASE64.test(value) && value.replace(/=+$/, '').length % 4 !== 1) return value
  const bare = value.replace(DATA_URL, '').replaceAll(/\s/g, '').replaceAll('-', '+').replaceAll('_', '/')
  return BASE64.test(bare) && bare.replace(/=+$/, '').length % 4 !== 1 ? bare : null
}

/** Returns the contents of one resource, or null if a client couldn't read them. */
function validContent(value: unknown, uri: unknown): JsonObject | null {
  const content = objectOf(value)
  if (content === null) return null
  let valid = withValidFields(content, { mimeType: isText, _meta: isObject, text: isText })
  valid = withRepaired(valid, 'blob', (blob) => base64Of(blob) ?? undefined)
  if (typeof content['uri'] !== 'string') {
    if (typeof uri !== 'string') return null
    valid = { ...valid, uri }
  }
  if (isText(valid['text']) || isText(valid['blob'])) return valid
  return { ...valid, text: textOf(content['text'] ?? content['blob']) }
}

function validContents(result: JsonObject, uri: unknown): JsonObject {
  const { contents } = result
  const list = Array.isArray(contents) ? contents : isValue(contents) ? [contents] : []
  const valid = repairedItems(list, (content) => validContent(content, uri))
  return valid === contents ? result : { ...result, contents: valid }
}

function validMessages(result: JsonObject): JsonObject {
  const { messages } = result
  const valid = Array.isArray(messages) ? messages.flatMap(validMessage) : []
  const same =
    Array.isArray(messages) && valid.length === messages.length && valid.every((one, at) => one === messages[at])
  return same ? result : { ...result, messages: valid }
}

/** A message with several blocks becomes several messages, because the protocol allows one block each. */
function validMessage(value: unknown): JsonObject[] {
  const message = objectOf(value)
  if (message === null) return isValue(value) ? [{ role: 'user', content: asText(value) }] : []
  const { role, content } = message
  const named = role === 'user' || role === 'assistant' ? message : { ...message, role: 'user' }
  const blocks = (Array.isArray(content) ? content : [content]).map(validBlock).filter((block) => block !== null)
  if (blocks.length === 1 && blocks[0] === content) return [named]
  return blocks.map((block) => ({ ...named, content: block }))
}

function validCompletion(result: JsonObject): JsonObject {
  return withRepaired({ completion: {}, ...result }, 'completion', (value) => {
    const completion = withValidFields(objectOf(value) ?? {}, { total: Number.isSafeInteger, hasMore: isFlag })
    const { values } = completion
    const texts = Array.isArray(values) ? values.filter(isText) : []
    if (Array.isArray(values) && texts.length === values.length && texts.length <= MAX_COMPLETIONS) return completion
    const more = texts.length > MAX_COMPLETIONS ? { hasMore: true } : {}
    return { ...completion, values: texts.slice(0, MAX_COMPLETIONS), ...more }
  })
}
