import { isDeepStrictEqual } from 'node:util'
import type { ProjectEntry, TokenEntry } from '../../../contract/configuration.ts'
import { invalidRequest } from '../../../contract/errors.ts'
import type { Grant } from '../../../contract/grants.ts'
import type { ConnectionKind } from '../../../contract/records.ts'
import { parseRate } from '../../access/rate-limiter.ts'
import { storedAnswerChars } from '../../access/tokens/access-records.ts'
import { storedBudget } from '../../access/tokens/budgets.ts'
import { checkGrants } from '../../access/tokens/prepare-token.ts'
import { expiryOf } from '../../access/tokens/time-to-live.ts'
import type { ProjectRow, TokenRow } from '../../store/rows.ts'
import { newAccessToken } from '../../text/token-format.ts'
import type { OwnerParts } from '../owner-parts.ts'
import { plain, tokenEntry } from './configuration-entries.ts'
import { within, type Plan } from './plan.ts'

interface Project {
  name: string
  row: ProjectRow | null
  /** The connections that it will include. */
  included: readonly { name: string; kind: ConnectionKind }[]
}

/** Plans the tokens of a project. An existing token keeps its secret, and one that has ended stays ended. */
export function planTokens(parts: OwnerParts, project: Project, entry: ProjectEntry, prune: boolean, plan: Plan): void {
  const { store } = parts
  const rows = project.row === null ? [] : store.read.tokens(project.row.id)
  const wanted = entry.tokens ?? {}
  for (const [name, token] of Object.entries(wanted)) {
    const row = rows.find((each) => each.name === name)
    within(`projects.${project.name}.tokens.${name}`, () => {
      if (row === undefined) planNew(parts, project, name, token, plan)
      else planExisting(parts, project, row, token, plan)
    })
  }
  if (!prune || entry.tokens === undefined) return
  for (const row of rows) {
    // An export leaves out tokens that have ended, but their records stay.
    if (Object.hasOwn(wanted, row.name) || hasEnded(row, parts.clock.now())) continue
    plan.changes.push(change('delete', project, row.name, tokenEntry(row), null))
    plan.writes.tokens.deleted.push(row.id)
    plan.deletedTokens.push(row)
  }
}

function planNew({ clock }: OwnerParts, project: Project, name: string, entry: TokenEntry, plan: Plan): void {
  const { kind = 'access', description = '', rate = null, mode = null, expires } = entry
  const made = kind === 'access' ? newAccessToken() : null
  const now = clock.now()
  const grants = grantsOf(entry, project)
  checkRate(rate)
  plan.writes.tokens.created.push({
    project: project.name,
    name,
    kind,
    prefix: made?.prefix ?? null,
    hash: made?.hash ?? null,
    grants,
    rate,
    created_at: now,
    expires_at: within('expires', () => expiryOf(expires, now)),
    mode,
    answer_chars: storedAnswerChars(entry.answer_chars ?? null),
    description,
    budget: storedBudget(entry.budget),
  })
  if (made !== null) plan.secrets.push({ project: project.name, name, secret: made.token })
  plan.changes.push(change('create', project, name, null, { ...plain<TokenEntry>(entry), kind, grants }))
}

function planExisting({ clock }: OwnerParts, project: Project, row: TokenRow, entry: TokenEntry, plan: Plan): void {
  const now = clock.now()
  if (row.kind === 'oauth')
    throw invalidRequest(`Token "${row.name}" belongs to a client that signed in. Use another name.`)
  if ((entry.kind ?? 'access') !== row.kind)
    throw invalidRequest(`Token "${row.name}" is of kind ${row.kind}, which can't be changed. Delete it first.`, 'kind')
  if (hasEnded(row, now)) {
    plan.warnings.push(
      `Token "${project.name}/${row.name}" ${row.revoked_at === null ? 'has expired' : 'was revoked'} and can't become active again. Delete it to create it again.`,
    )
    return
  }
  const before = tokenEntry(row)
  const values = {
    description: entry.description ?? row.description,
    paused: row.paused,
    grants: entry.grants === undefined ? row.grants : grantsOf(entry, project),
    rate: entry.rate === undefined ? row.rate : entry.rate,
    mode: entry.mode === undefined ? row.mode : entry.mode,
    answer_chars: entry.answer_chars === undefined ? row.answer_chars : storedAnswerChars(entry.answer_chars),
    expires_at: expiryFor(entry, row, now),
    budget: entry.budget === undefined ? row.budget : storedBudget(entry.budget),
  }
  checkRate(values.rate)
  const after = tokenEntry({ ...row, ...values })
  if (isDeepStrictEqual(plain(before), plain(after))) return
  plan.changes.push(change('update', project, row.name, before, after))
  plan.writes.tokens.updated.push({ id: row.id, project: project.name, revision: row.revision, values })
}

function hasEnded({ revoked_at: revokedAt, expires_at: expiresAt }: TokenRow, now: number): boolean {
  return revokedAt !== null || (expiresAt !== null && expiresAt <= now)
}

/** A lifetime counts from the creation, so it doesn't move the expiry of an existing token. */
function expiryFor({ expires }: TokenEntry, row: TokenRow, now: number): number | null {
  if (expires === undefined) return row.expires_at
  const wanted = within('expires', () => expiryOf(expires, now))
  return /^\d+[smhd]$/.test(expires) ? row.expires_at : wanted
}

function grantsOf({ grants = [] }: TokenEntry, project: Project): Grant[] {
  return grants.flatMap((grant, index) =>
    within(`grants.${index}`, () => checkGrants([grant], project.included, project.name)),
  )
}

function checkRate(rate: string | null): void {
  if (rate !== null) within('rate', () => parseRate(rate))
}

function change(
  action: 'create' | 'update' | 'delete',
  project: Project,
  name: string,
  before: TokenEntry | null,
  after: TokenEntry | null,
): Plan['changes'][number] {
  return { action, kind: 'token', name: `${project.name}/${name}`, before, after }
}
