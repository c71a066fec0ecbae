import { t } from '../../../../contract/text/translate.ts'
import type { Grant, Permission } from '../../../../contract/grants.ts'
import { tokenNameSchema } from '../../../../contract/names.ts'
import type { TokenPreset } from '../../../../contract/owner-api/presets-api.ts'
import type { ConnectionRecord, TokenRecord } from '../../../../contract/records.ts'
import type { TokenBudget } from '../../../../contract/tokens/token-budget.ts'
import { limitValues, typedBudget, type LimitValues } from '../page/tabs/limit-values.ts'
import { LIMIT_TEXTS } from '../page/matrix/limit-texts.ts'
import { LIMITS } from '../page/permission-grid.ts'

export const EXPIRIES = [
  { value: '30d', label: t`30 days` },
  { value: '12h', label: t`12 hours` },
  { value: '90d', label: t`90 days` },
  { value: 'date', label: t`Date` },
  { value: 'never', label: t`Never` },
] as const

/** What is filled in on the page. */
export interface TokenDraft {
  name: string
  description: string
  kind: 'access' | 'local'
  grants: Grant[]
  /** One of EXPIRIES, or a lifetime that was copied from another token, such as "3600s". */
  expiry: string
  /** Local date of the "date" expiry, such as 2026-12-20. */
  date: string
  rate: string
  /** What is typed, and the budget that it was copied from. */
  budget: { typed: LimitValues; copied: TokenBudget | null }
  mode: TokenRecord['mode']
  answerChars: TokenRecord['answer_chars']
}

/** Returns a budget as it is typed. */
export function draftBudget(budget: TokenBudget | null): TokenDraft['budget'] {
  return { typed: limitValues({ rate: null, budget }), copied: budget }
}

export function budgetOf({ budget: { typed, copied } }: TokenDraft): ReturnType<typeof typedBudget> {
  return typedBudget(typed, copied)
}

export const EMPTY_DRAFT: TokenDraft = {
  name: '',
  description: '',
  kind: 'access',
  grants: [],
  expiry: '30d',
  date: '',
  rate: '',
  budget: draftBudget(null),
  mode: null,
  answerChars: null,
}

const RATE = /^([1-9]\d{0,9}\/[sm]|none)$/

export type DraftField = 'name' | 'grants' | 'expiry' | 'rate' | 'budget'

/** Returns what prevents the token from being created, by field. The engine checks it again. */
export function draftProblems(
  draft: TokenDraft,
  taken: readonly string[],
  now: number,
): Partial<Record<DraftField, string>> {
  const name = nameProblem(draft.name, taken)
  const unchosen = draft.grants.flatMap((grant) => LIMITS.filter((limit) => grant[limit]?.length === 0)).at(0)
  const expiresAt = expiryInstant(draft)
  return {
    ...(name === null ? {} : { name }),
    ...(unchosen === undefined ? {} : { grants: LIMIT_TEXTS[unchosen].choose }),
    ...(draft.expiry === 'date' && (expiresAt === null || expiresAt <= now)
      ? { expiry: t`Enter a date in the future` }
      : {}),
    ...(budgetOf(draft).problems.length === 0 ? {} : { budget: t`Enter numbers above 0` }),
    ...(draft.rate === '' || RATE.test(draft.rate) ? {} : { rate: t`Enter a limit such as 100/s or 600/m, or none` }),
  }
}

function nameProblem(name: string, taken: readonly string[]): string | null {
  if (name === '') return t`Enter a name`
  const parsed = tokenNameSchema.safeParse(name)
  if (!parsed.success) return t`The name ${parsed.error.issues[0]?.message ?? t`is invalid`}`
  return taken.includes(name) ? t`A token with this name already exists` : null
}

/** The last moment of the chosen day, in milliseconds, or null. */
function expiryInstant({ date }: TokenDraft): number | null {
  const instant = Date.parse(`${date}T23:59:59`)
  return Number.isNaN(instant) ? null : instant
}

/** Returns the lifetime as the engine accepts it. */
export function ttlOf(draft: TokenDraft): string {
  if (draft.expiry !== 'date') return draft.expiry
  return new Date(expiryInstant(draft) ?? 0).toISOString()
}

/** Copies everything but name, description and secret. */
export function draftLike(token: TokenRecord, before: TokenDraft): TokenDraft {
  return {
    ...before,
    description: before.description === '' ? token.description : before.description,
    kind: token.kind === 'local' ? 'local' : 'access',
    grants: token.grants,
    expiry: lifetimeOf(token),
    rate: token.rate ?? '',
    budget: draftBudget(token.budget),
    mode: token.mode,
    answerChars: token.answer_chars,
  }
}

function lifetimeOf({ created_at: created, expires_at: expires }: TokenRecord): string {
  if (expires === null) return 'never'
  const seconds = Math.max(1, Math.round((Date.parse(expires) - Date.parse(created)) / 1000))
  const known = { 43_200: '12h', 2_592_000: '30d', 7_776_000: '90d' }[seconds]
  return known ?? (seconds % 86_400 === 0 ? `${seconds / 86_400}d` : `${seconds}s`)
}

/** Returns grants of whole connections with these permissions. */
export function grantAll(connections: readonly ConnectionRecord[], permissions: readonly Permission[]): Grant[] {
  return connections.map(({ name }) => ({ connection: name, permissions: [...permissions] }))
}

export function presetGrants(preset: TokenPreset, connections: readonly ConnectionRecord[]): Grant[] {
  const byName = preset.grants.filter(({ connection }) => connections.some(({ name }) => name === connection))
  const named = new Set(byName.map(({ connection }) => connection))
  const byKind = connections.flatMap(({ name, kind }) => {
    const permissions = preset.by_kind[kind]
    return permissions === undefined || named.has(name) ? [] : [{ connection: name, permissions }]
  })
  return [...byName, ...byKind]
}

export function isDocument({ kind }: Pick<ConnectionRecord, 'kind'>): boolean {
  return kind === 'grist' || kind === 'sqlite'
}
