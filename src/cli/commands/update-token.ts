import { parseBinding } from '../../contract/bindings.ts'
import { PERMISSIONS, type Grant } from '../../contract/grants.ts'
import type { Permit, TokenEffects } from '../../contract/records.ts'
import type { TokenBudget } from '../../contract/tokens/token-budget.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { printable } from '../../engine/text/visible-text.ts'
import { usageError } from '../errors.ts'
import { requireKnownGrants } from '../flags/check-resources.ts'
import { budgetText, type BudgetFlag } from '../flags/budget-option.ts'
import { chosenAnswerChars, type AnswerCharsFlag } from '../flags/options.ts'
import { answerLength, grantText } from '../output/columns.ts'
import { count } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

interface TokenFlags {
  project: string
  ttl?: string
  bind?: string[]
  clone?: boolean
  rate?: string
  mode?: 'all' | 'search' | 'default'
  description?: string
  answerChars?: AnswerCharsFlag
  budget?: BudgetFlag
  pause?: boolean
  resume?: boolean
  allowMissing?: boolean
  dryRun?: boolean
}

/** Changes an active token and keeps its secret. New grants replace all old ones, and the difference is shown. */
export async function updateToken(name: string, flags: TokenFlags): Promise<void> {
  const { project, ttl, bind, clone, rate, mode, description, answerChars, budget, pause, resume } = flags
  const { dryRun = false } = flags
  const changes = [ttl, bind, clone, rate, mode, description, answerChars, budget, pause, resume]
  if (changes.every((flag) => flag === undefined))
    throw usageError(
      'Nothing to update. Use --bind, --clone, --ttl, --rate, --budget, --mode, --description, --answer-chars, --pause or --resume.',
    )
  if (pause === true && resume === true) throw usageError('Use either --pause or --resume, not both.')
  if (ttl === '') throw usageError('Missing required option: --ttl <time>')
  if (clone === true && bind !== undefined) throw usageError('Use either --bind or --clone, not both.')
  const { token, effects, before, after, set } = await withEngine(async ({ api }) => {
    const given = bind?.map(parseBinding)
    if (given !== undefined && flags.allowMissing !== true) await requireKnownGrants(api, given)
    const grants = clone === true ? await allOf(api, project) : given
    const { revision, grants: before } = await api.tokens.get({ project, name })
    const after = grants ?? before
    const set = {
      ...(grants === undefined ? {} : { grants }),
      ...(ttl === undefined ? {} : { ttl }),
      ...(rate === undefined ? {} : { rate: rate === 'default' ? null : rate }),
      ...(mode === undefined ? {} : { mode: mode === 'default' ? null : mode }),
      ...(description === undefined ? {} : { description }),
      ...(answerChars === undefined ? {} : { answer_chars: chosenAnswerChars(answerChars) }),
      ...(budget === undefined ? {} : { budget: budget.budget }),
      ...(pause === undefined && resume === undefined ? {} : { paused: pause === true }),
    }
    const update = { project, name, revision, set }
    if (dryRun) return { token: null, effects: await api.tokens.previewUpdate(update), before, after, set }
    return { ...(await api.tokens.update(update)), before, after, set }
  })
  printDifference(before, after)
  printEffects(effects)
  if (token === null) return printSettings(set)
  const expiry = token.expires_at === null ? 'It never expires.' : `Expires ${token.expires_at}.`
  const length =
    answerChars === undefined ? '' : ` Length of answers: ${answerLength(token.answer_chars, "the project's")}.`
  const state = token.paused ? ' It is paused.' : ''
  process.stdout.write(`Updated token ${name}. ${expiry}${length}${state}\n`)
}

async function allOf(api: OwnerClient, project: string) {
  const { connections } = await api.projects.get({ name: project })
  return connections.map((connection) => ({ connection, permissions: [...PERMISSIONS] }))
}

/** Prints what changes besides the grants. */
function printSettings({ grants: _grants, ...settings }: Record<string, unknown>): void {
  for (const [field, value] of Object.entries(settings))
    process.stdout.write(`+ ${field.replaceAll('_', '-')}: ${printable(settingText(field, value))}\n`)
}

function settingText(field: string, value: unknown): string {
  return field === 'budget' ? budgetText(value as TokenBudget | null) : String(value ?? 'default')
}

function printDifference(before: readonly Grant[], after: readonly Grant[]): void {
  const [old, next] = [before.map(grantText), after.map(grantText)]
  for (const text of old) if (!next.includes(text)) process.stdout.write(`- ${text}\n`)
  for (const text of next) if (!old.includes(text)) process.stdout.write(`+ ${text}\n`)
}

function printEffects({ sessions_ended: ended, sessions_narrowed: narrowed, requests_cut: cut }: TokenEffects): void {
  if (ended.length > 0) process.stderr.write(`Session tokens that end: ${ended.join(', ')}\n`)
  for (const { id, lost } of narrowed)
    process.stderr.write(`Session token ${id} loses ${lost.map(permitText).join(', ')}.\n`)
  if (cut > 0) process.stderr.write(`Interrupts ${count(cut, 'running request')}.\n`)
}

function permitText({ connection, permission, resource }: Permit): string {
  return printable(`${permission} on ${connection}${resource === null ? '' : `, ${resource}`}`)
}
