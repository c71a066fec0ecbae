import { invalidRequest, type HallpassError } from '../../contract/errors.ts'
import { sqlTokens, type SqlToken } from './sql-tokens.ts'

const ISO_DATE = /^\d{4}-\d{2}-\d{2}(?:[T ].*)?$/
const OPERATORS = new Set(['=', '<', '>', '!', '(', ',', '.'])
const OPERATOR_WORDS = new Set(['between', 'and', 'in', 'is', 'not', 'like'])
/** These can also be between a date and names that it isn't compared with. */
const SEPARATORS = new Set(['(', ',', '.', 'and', 'not'])

/** Returns the words of a query that could name a column or a table which is compared with an ISO date. Empty if there is none. */
export function datedNames(query: string, params: readonly unknown[] = []): Set<string> {
  const tokens = sqlTokens(query) ?? []
  const names = new Set<string>()
  let placeholder = 0
  for (const [index, token] of tokens.entries()) {
    const isPlaceholder = token.kind === 'sign' && token.text === '?'
    const text = isPlaceholder ? params[placeholder] : token.text
    if (isPlaceholder) placeholder += 1
    else if (token.kind !== 'string') continue
    if (typeof text !== 'string' || !ISO_DATE.test(text)) continue
    for (const step of [-1, 1]) {
      const name = comparedName(tokens, index, step)
      if (name !== null) names.add(name)
    }
  }
  return names
}

/** Returns the nearest name in one direction, if only operators and values are between it and the date. */
function comparedName(tokens: SqlToken[], from: number, step: number): string | null {
  let hasOperator = false
  for (let at = from + step; ; at += step) {
    const token = tokens[at]
    if (token === undefined) return null
    const lower = token.text.toLowerCase()
    if (token.kind === 'string' || token.kind === 'number' || lower === '?') continue
    const isOperator = token.kind === 'sign' ? OPERATORS.has(token.text) : OPERATOR_WORDS.has(lower)
    if (!isOperator) {
      // A function of the date isn't a comparison with it.
      const isFunction = tokens[at + 1]?.text === '('
      return hasOperator && !isFunction && token.kind !== 'sign' ? token.text : null
    }
    if (!SEPARATORS.has(lower)) hasOperator = true
  }
}

/** Says why a query found nothing. `column` has numbers, which are never equal to or greater than a text in SQLite. */
export function dateAsText(column: string): HallpassError {
  return invalidRequest(
    `No row matches. Column "${column.slice(0, 80)}" contains epoch seconds, so don't compare it with a text. Write unixepoch('2025-07-02') instead.`,
    'query',
    { reason: 'date_as_text' },
  )
}
