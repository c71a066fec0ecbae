import type { JsonObject } from '../../text/json.ts'
import type { Repaired } from '../protocol/valid-definition.ts'

const MAX_NAMED = 5

/** Collects for the owner what was hidden or repaired in an upstream's lists. */
export function createCatalogNotes(): {
  add(item: string, declared: JsonObject, repaired: Repaired): void
  /** Returns the notes as sentences that follow `before`, or null if there are none. */
  text(before: string | null): string | null
} {
  const heldBack: string[] = []
  const repairs: string[] = []
  return {
    add(item, declared, { definition, problem }) {
      if (definition === null) heldBack.push(`${item} ${problem}`)
      else {
        const fields = repairedFields(declared, definition)
        if (fields.length > 0) repairs.push(`${item} (${fields.join(', ')})`)
      }
    },
    text(before) {
      const sentences = [
        before,
        heldBack.length === 0 ? null : `Held back, because clients can't use them: ${named(heldBack, '; ')}.`,
        repairs.length === 0 ? null : `Repaired, so that clients can read the list: ${named(repairs, ', ')}.`,
      ].filter((sentence) => sentence !== null)
      return sentences.length === 0 ? null : sentences.join(' ')
    },
  }
}

/** Returns the fields of a definition that a repair changed, added or dropped. */
export function repairedFields(declared: JsonObject, repaired: JsonObject): string[] {
  if (declared === repaired) return []
  const fields = new Set([...Object.keys(declared), ...Object.keys(repaired)])
  return [...fields].filter((field) => declared[field] !== repaired[field])
}

function named(items: readonly string[], separator: string): string {
  const more = items.length > MAX_NAMED ? ` and ${items.length - MAX_NAMED} more` : ''
  return items.slice(0, MAX_NAMED).join(separator) + more
}
