import { z } from 'zod'
import { DOCUMENT_METHODS, isDocumentMethod } from '../../contract/methods/document-methods.ts'
import type { DocumentMethod, MethodFields } from '../../contract/methods/document-methods.ts'
import { invalidRequest } from '../../contract/errors.ts'
import { formatMessage } from '../../contract/input-messages.ts'
import { bigintPath } from './bigint-path.ts'
import { fieldName, fieldSentence } from './field-sentence.ts'

/** Returns the method of that name. Throws INVALID_REQUEST that lists the methods if there is none. */
export function requireDocumentMethod(name: unknown): DocumentMethod {
  if (name === undefined) throw invalidRequest('Missing field "method".', 'method')
  if (typeof name !== 'string') throw invalidRequest('Field "method" must be a string.', 'method')
  if (isDocumentMethod(name)) return name
  const shown = JSON.stringify(name.slice(0, 60))
  throw invalidRequest(`Unknown method ${shown}. Use ${Object.keys(DOCUMENT_METHODS).join(', ')}.`, 'method')
}

/**
 * Validates the fields of a document call for every interface. `fields` contains only the method's own fields, neither
 * `method` nor `document`. Throws INVALID_REQUEST with the field at fault.
 */
export function parseDocumentCall<M extends DocumentMethod>(method: M, fields: unknown): MethodFields<M>
export function parseDocumentCall(method: string, fields: unknown): MethodFields<DocumentMethod>
export function parseDocumentCall(method: string, fields: unknown): MethodFields<DocumentMethod> {
  const known = requireDocumentMethod(method)
  const field = bigintPath(fields)
  if (field !== null)
    throw invalidRequest(
      'Whole numbers beyond 2^53 must be strings, for example "1234567890123456789": as numbers they would be rounded.',
      fieldName(field),
    )
  return parseFields(DOCUMENT_METHODS[known].fields, fields, known)
}

/** Validates against any strict object schema, with the same sentences. `subject` names what accepts the fields. */
export function parseFields<S extends z.ZodObject>(schema: S, value: unknown, subject: string): z.infer<S> {
  const outcome = schema.safeParse(value)
  if (outcome.success) return outcome.data
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidRequest('The fields must be a JSON object.')
  }
  // An unknown field is most often a misspelled one, and explains the missing one that zod lists before it.
  const issue = outcome.error.issues.find((one) => one.code === 'unrecognized_keys') ?? outcome.error.issues[0]
  if (issue === undefined) throw invalidRequest('The fields are invalid.')
  if (issue.code === 'unrecognized_keys') {
    const unknown = fieldName([...issue.path, issue.keys[0] ?? ''])
    const at = issue.path.length === 0 ? subject : `"${fieldName(issue.path)}"`
    const names = knownFields(schema, issue.path)
    const takes = names.length === 0 ? 'takes no fields' : `takes ${names.map((name) => `"${name}"`).join(', ')}`
    throw invalidRequest(`Unknown field "${unknown}". ${at} ${takes}.`, unknown)
  }
  // Our schemas describe in words what a pattern would leave unclear. The general message for formats doesn't.
  if (
    issue.code === 'invalid_format' &&
    issue.message.startsWith('must ') &&
    issue.message !== formatMessage(issue.format)
  ) {
    throw invalidRequest(`Field "${fieldName(issue.path)}" ${issue.message}.`, fieldName(issue.path))
  }
  throw invalidRequest(fieldSentence(z.toJSONSchema(schema), value, issue.path), fieldName(issue.path))
}

function knownFields(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  let at: unknown = z.toJSONSchema(schema)
  for (const step of path) {
    const node = at as { properties?: Record<string, unknown>; items?: unknown }
    at = typeof step === 'number' ? node.items : node.properties?.[String(step)]
  }
  return Object.keys((at as { properties?: Record<string, unknown> } | undefined)?.properties ?? {})
}
