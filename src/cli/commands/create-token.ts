import { parseBinding } from '../../contract/bindings.ts'
import { usageError } from '../errors.ts'
import { requireKnownGrants } from '../flags/check-resources.ts'
import type { BudgetFlag } from '../flags/budget-option.ts'
import { chosenAnswerChars, type AnswerCharsFlag } from '../flags/options.ts'
import { withEngine } from '../with-engine.ts'

interface TokenFlags {
  project: string
  ttl?: string
  bind?: string[]
  clone?: boolean
  local?: boolean
  rate?: string
  mode?: 'all' | 'search'
  answerChars?: AnswerCharsFlag
  description?: string
  allowMissing?: boolean
  budget?: BudgetFlag
  force?: boolean
}

/** Prints the secret to stdout, alone and once; everything about it goes to stderr. */
export async function createToken(name: string, flags: TokenFlags): Promise<void> {
  const { project, ttl, bind, clone, local, rate, mode, answerChars, description, force } = flags
  if (clone === true && bind !== undefined) throw usageError('Use either --bind or --clone, not both.')
  const grants = bind?.map(parseBinding)
  const answer_chars = answerChars === undefined ? undefined : chosenAnswerChars(answerChars)
  const kind = local === true ? 'local' : 'access'
  const { token, secret } = await withEngine(async ({ api }) => {
    if (grants !== undefined && flags.allowMissing !== true) await requireKnownGrants(api, grants)
    const settings = { rate, mode, answer_chars, description, budget: flags.budget?.budget ?? undefined }
    return api.tokens.create({ project, name, kind, ttl, grants, clone, ...settings, force })
  })
  const expiry = token.expires_at === null ? 'No expiry.' : `Expires ${token.expires_at}.`
  const advise = (line: string): void => void process.stderr.write(`${line}\n`)
  if (token.grants.length === 0) advise('This token has no access. Create it again with --force and --bind or --clone.')
  if (secret === null) {
    process.stdout.write(`Created token ${name}\n`)
    advise(`Local token without a secret. ${expiry} To use it, run hallpass stdio --project ${project} --as ${name}`)
    return
  }
  advise(`Created token ${name} in project ${project}. ${expiry} Copy the secret now. It won't be shown again.`)
  process.stdout.write(`${secret}\n`)
}
