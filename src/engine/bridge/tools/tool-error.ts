import type { CallToolResult } from '@modelcontextprotocol/server'
import type { HallpassError } from '../../../contract/errors.ts'

/** Where programs find the code of a failed call. */
const ERROR_META = 'hallpass/error'

/**
 * Returns a failed call as a tool result. The text begins with the sentence and isn't JSON: some clients parse JSON text into
 * structured content, validate that against the schema of success, and hide the error.
 */
export function toolError({ message, code, field, details }: HallpassError): CallToolResult {
  const facts = { code, ...(field === undefined ? {} : { field }), ...(details === undefined ? {} : { details }) }
  const lines = Object.entries(facts).map(
    ([key, value]) => `${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  )
  return {
    content: [{ type: 'text', text: [message, ...lines].join('\n') }],
    isError: true,
    _meta: { [ERROR_META]: { error: message, ...facts } },
  }
}
