import type { CallToolResult } from '@modelcontextprotocol/server'
import { exactJson } from '../../../text/exact-json.ts'
import type { JsonObject } from '../../../text/json.ts'
import type { WholeAnswer } from './answer-store.ts'
import { cutToFit } from './cut-value.ts'
import { valueShape } from './value-shape.ts'

export const DEFAULT_ANSWER_CHARS = 32_000
const MAX_ERROR_CHARS = 8000
const MAX_IMAGES = 4
const MAX_IMAGE_CHARS = Math.ceil((2 * 1024 * 1024 * 4) / 3)
/** Space for the note about what was cut. */
const NOTE_CHARS = 2000
/** Length of the beginning shown to clients that don't read structured content. */
const SAMPLE_CHARS = 2000

interface Bound {
  maxChars: number
  /** Schema of the structured content, which must stay valid. */
  outputSchema?: unknown
  /** True if the result is already the beginning of something longer. */
  isPartial?: boolean
  /** Returns ways to get the rest, best first. `whole` is the full result and `size` its length. */
  rest(whole: WholeAnswer, size: number): readonly string[]
}

/**
 * Returns a tool result with at most `maxChars` of text and of structured content. Cut content still matches its
 * schema, and a text block says how much there is, what its structure is and how to get the rest.
 */
export function boundResult(result: CallToolResult, bound: Bound): CallToolResult {
  // A result that asks for input has no content.
  if (!Array.isArray(result.content)) return result
  const maxChars = result.isError === true ? Math.min(MAX_ERROR_CHARS, bound.maxChars) : bound.maxChars
  const content = boundMedia(result.content)
  const { structuredContent } = result
  const structuredSize = structuredContent === undefined ? 0 : exactJson(structuredContent).length
  if (structuredContent !== undefined && structuredSize > maxChars)
    return boundStructured({ ...result, content }, structuredContent as JsonObject, structuredSize, maxChars, bound)
  const textSize = content.reduce((sum, block) => sum + (textOf(block)?.length ?? 0), 0)
  if (textSize <= maxChars) return content === result.content ? result : { ...result, content }
  return { ...result, content: boundTexts(content, textSize, maxChars, bound) }
}

function boundStructured(
  result: CallToolResult,
  whole: JsonObject,
  size: number,
  maxChars: number,
  bound: Bound,
): CallToolResult {
  const shown = cutToFit(whole, maxChars, bound.outputSchema)
  const others = result.content.filter((block) => textOf(block) === null)
  const note = noteOf({
    size,
    shown: shown === undefined ? 0 : exactJson(shown).length,
    whole,
    isPartial: bound.isPartial === true,
    rest: bound.rest(whole, size),
  })
  if (shown === undefined) {
    // Nothing shorter matches the schema, and a client that validates it must not fail.
    const { structuredContent: _, ...rest } = result
    return { ...rest, isError: true, content: [{ type: 'text', text: note }, ...others] }
  }
  const sample = cutToFit(whole, SAMPLE_CHARS, {})
  const text = sample === undefined ? note : `${note}\nThe beginning: ${exactJson(sample)}`
  return { ...result, structuredContent: shown as JsonObject, content: [{ type: 'text', text }, ...others] }
}

function boundTexts(
  content: CallToolResult['content'],
  size: number,
  maxChars: number,
  bound: Bound,
): CallToolResult['content'] {
  const whole = content.flatMap((block) => textOf(block) ?? []).join('\n')
  let available = maxChars - NOTE_CHARS
  const shown = content.flatMap((block) => {
    const text = textOf(block)
    if (text === null) return [block]
    const shortened = text.slice(0, Math.max(0, available))
    available -= shortened.length
    return shortened === '' ? [] : [withText(block, shortened)]
  })
  const note = noteOf({ size, shown: maxChars - NOTE_CHARS, whole, rest: bound.rest(whole, size) })
  return [...shown, { type: 'text', text: note }]
}

function noteOf(cut: {
  size: number
  shown: number
  whole: WholeAnswer
  rest: readonly string[]
  isPartial?: boolean
}): string {
  const { size, shown, whole, rest, isPartial = false } = cut
  const counted = (chars: number): string => chars.toLocaleString('en-US')
  const lines = [
    `This answer was shortened: it shows ${counted(shown)} of ${isPartial ? 'more than ' : ''}${counted(size)} characters.`,
    ...(typeof whole === 'string'
      ? []
      : [`${isPartial ? 'There is more than' : 'Complete answer'}: ${valueShape(whole).slice(0, 1000)}`]),
    ...(rest.length === 0 ? [] : [`To get the rest: ${rest.join('; or ')}.`]),
  ]
  return lines.join('\n')
}

/** Returns the text of a block or of the resource in it, or null. */
function textOf(block: CallToolResult['content'][number]): string | null {
  if (block.type === 'text') return block.text
  if (block.type === 'resource' && 'text' in block.resource && typeof block.resource.text === 'string')
    return block.resource.text
  return null
}

function withText(block: CallToolResult['content'][number], text: string): CallToolResult['content'][number] {
  if (block.type === 'text') return { ...block, text }
  return block.type === 'resource' ? { ...block, resource: { ...block.resource, text } } : block
}

/** Keeps up to four images or sounds, 2 MiB in total, and says what was removed. */
function boundMedia(content: CallToolResult['content']): CallToolResult['content'] {
  let count = 0
  let chars = 0
  let isCut = false
  const shortened = content.map((block): CallToolResult['content'][number] => {
    const data = mediaOf(block)
    if (data === null) return block
    count += 1
    chars += data.length
    if (count <= MAX_IMAGES && chars <= MAX_IMAGE_CHARS) return block
    chars -= data.length
    isCut = true
    const size = Math.round((data.length * 3) / 4 / 1024)
    return {
      type: 'text',
      text: `[${block.type} of ${size.toLocaleString('en-US')} KiB left out: the limit is ${MAX_IMAGES} with 2 MiB in total]`,
    }
  })
  return isCut ? shortened : content
}

function mediaOf(block: CallToolResult['content'][number]): string | null {
  if (block.type === 'image' || block.type === 'audio') return block.data
  return block.type === 'resource' && 'blob' in block.resource ? block.resource.blob : null
}
