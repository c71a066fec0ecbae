import { parseBinding } from '../../contract/bindings.ts'
import { usageError } from '../errors.ts'
import { withEngine } from '../with-engine.ts'

interface TokenFlags {
  project: string
  ttl?: string
  bind?: string[]
  clone?: boolean
  local?: boolean
  rate?: string
  mode?: 'all' | 'search'
  force?: boolean
}

/** The secret goes to stdout, alone and once; all that is said about it goes to stderr. */
export async function createToken(name: string, flags: TokenFlags): Promise<void> {
  if (flags.clone === true && flags.bind !== undefined) throw usageError('Give --bind or --clone, not both.')
  const grants = flags.bind?.map(parseBinding)
  const { token, secret } = await withEngine(({ api }) =>
    api.tokens.create({
      project: flags.project,
      name,
      kind: flags.local === true ? 'local' : 'access',
      ttl: flags.ttl,
      grants,
      clone: flags.clone,
      rate: flags.rate,
      mode: flags.mode,
      force: flags.force,
    }),
  )
  const lives = token.expires_at === null ? 'does not expire' : `expires ${token.expires_at}`
  const say = (line: string) => process.stderr.write(`${line}\n`)
  if (token.grants.length === 0) say('It has no rights: none were given. Use --bind or --clone.')
  if (secret === null) {
    process.stdout.write(`token ${name} created\n`)
    say(`It has no secret and ${lives}. Use it with: hallpass stdio --project ${flags.project} --as ${name}`)
    return
  }
  say(`Token ${name} of project ${flags.project}; it ${lives}. Keep it now: it is not shown again.`)
  process.stdout.write(`${secret}\n`)
}
