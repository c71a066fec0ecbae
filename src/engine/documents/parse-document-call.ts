import { z } from 'zod'
import { DOCUMENT_METHODS, isDocumentMethod } from '../../contract/document-methods.ts'
import type { DocumentMethod, MethodFields } from '../../contract/document-methods.ts'
import { HallpassError } from '../../contract/errors.ts'
import { fieldName, fieldSentence } from './field-sentence.ts'

/** The method of that name; INVALID_REQUEST that lists the methods when there is none. */
export function requireDocumentMethod(name: unknown): DocumentMethod {
  if (name === undefined) throw new HallpassError('INVALID_REQUEST', 'Field "method" is missing.')
  if (typeof name !== 'string') throw new HallpassError('INVALID_REQUEST', 'Field "method" must be a string.')
  if (isDocumentMethod(name)) return name
  const shown = JSON.stringify(name.slice(0, 60))
  throw new HallpassError(
    'INVALID_REQUEST',
    `Unknown method ${shown}; the methods are ${Object.keys(DOCUMENT_METHODS).join(', ')}.`,
  )
}

/**
 * Validates the fields of a document call, whichever door it came through. `fields` holds the method's own fields only
 * (neither `method` nor `document`). Throws HallpassError INVALID_REQUEST with a sentence that names the field at fault.
 */
export function parseDocumentCall<M extends DocumentMethod>(method: M, fields: unknown): MethodFields<M>
export function parseDocumentCall(method: string, fields: unknown): MethodFields<DocumentMethod>
export function parseDocumentCall(method: string, fields: unknown): MethodFields<DocumentMethod> {
  const known = requireDocumentMethod(method)
  return parseFields(DOCUMENT_METHODS[known].fields, fields, known)
}

/** Validates against any strict object schema, with the same sentences. `subject` names what takes the fields. */
export function parseFields<S extends z.ZodObject>(schema: S, value: unknown, subject: string): z.infer<S> {
  const outcome = schema.safeParse(value)
  if (outcome.success) return outcome.data
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HallpassError('INVALID_REQUEST', 'The fields must be a JSON object.')
  }
  // A field nobody knows is most often a misspelt one, and then explains the missing one that zod lists before it.
  const issue = outcome.error.issues.find((one) => one.code === 'unrecognized_keys') ?? outcome.error.issues[0]
  if (issue === undefined) throw new HallpassError('INVALID_REQUEST', 'The fields are not valid.')
  if (issue.code === 'unrecognized_keys') {
    const unknown = fieldName([...issue.path, issue.keys[0] ?? ''])
    const at = issue.path.length === 0 ? subject : `"${fieldName(issue.path)}"`
    const names = knownFields(schema, issue.path)
    const takes = names.length === 0 ? 'takes no fields' : `takes ${names.map((name) => `"${name}"`).join(', ')}`
    throw new HallpassError('INVALID_REQUEST', `Field "${unknown}" is unknown; ${at} ${takes}.`)
  }
  // Our schemas say in words what a pattern would leave to guess.
  if (issue.code === 'invalid_format' && issue.message.startsWith('must be ')) {
    throw new HallpassError('INVALID_REQUEST', `Field "${fieldName(issue.path)}" ${issue.message}.`)
  }
  throw new HallpassError('INVALID_REQUEST', fieldSentence(z.toJSONSchema(schema), value, issue.path))
}

function knownFields(schema: z.ZodObject, path: readonly PropertyKey[]): string[] {
  let at: unknown = z.toJSONSchema(schema)
  for (const step of path) {
    const node = at as { properties?: Record<string, unknown>; items?: unknown }
    at = typeof step === 'number' ? node.items : node.properties?.[String(step)]
  }
  return Object.keys((at as { properties?: Record<string, unknown> } | undefined)?.properties ?? {})
}
