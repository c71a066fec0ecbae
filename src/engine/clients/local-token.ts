import { invalidRequest } from '../../contract/errors.ts'
import type { TokenRecord } from '../../contract/records.ts'

/** Returns the names of the active local tokens. */
export function activeLocals(tokens: readonly TokenRecord[]): string[] {
  return tokens.filter(({ kind, status }) => kind === 'local' && status === 'active').map(({ name }) => name)
}

/** Returns the token that the client uses. Never creates one, because the owner chooses its permissions. */
export function localToken(project: string, named: string | null, tokens: readonly TokenRecord[]): string {
  const locals = activeLocals(tokens)
  const create = `hallpass create token NAME -p ${project} --local --bind role:viewer,connection:CONNECTION`
  if (named !== null) {
    if (locals.includes(named)) return named
    const found = tokens.find(({ name }) => name === named)
    if (found?.kind === 'local')
      throw invalidRequest(
        `Token "${named}" is ${found.status}. Choose an active local token, or create one: ${create}`,
        'token',
      )
    throw invalidRequest(
      `"${named}" isn't a local token of project "${project}". Clients need a local token. Create one: ${create}`,
      'token',
    )
  }
  const [only, ...more] = locals
  if (only === undefined)
    throw invalidRequest(
      `Project "${project}" has no local token for the client. Create one with the access it should have: ${create}`,
      'token',
      { reason: 'no_local_token' },
    )
  if (more.length > 0)
    throw invalidRequest(`Project "${project}" has several local tokens (${locals.join(', ')}).`, 'token', {
      reason: 'several_local_tokens',
    })
  return only
}
