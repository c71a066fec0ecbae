import { invalidRequest, type HallpassError } from './errors.ts'

/** A problem in an input, as zod and Standard Schema report it. */
interface InputIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/**
 * Returns an INVALID_REQUEST error for an input that its schema rejects. `field` is the first invalid field. If there
 * are several, the sentence lists them and `details.issues` has one entry each. Issues contain no input values, so they
 * can't contain a secret.
 */
export function invalidInput(issues: readonly InputIssue[]): HallpassError {
  const found = issues.map(({ path = [], message }) => ({
    field: path.map((step) => String(typeof step === 'object' ? step.key : step)).join('.'),
    message,
  }))
  const field = found.find((issue) => issue.field !== '')?.field
  if (found.length === 1) return invalidRequest(asSentence(found[0]?.message ?? 'The input is invalid'), field)
  const list = found.map((issue) => (issue.field === '' ? issue.message : `${issue.field}: ${issue.message}`))
  return invalidRequest(`${list.join('; ')}.`, field, { details: { issues: found } })
}

function asSentence(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`
}
