import { t } from '../../../../../contract/text/translate.ts'
import { BUDGET_UNITS, type BudgetUnit, type TokenBudget } from '../../../../../contract/tokens/token-budget.ts'

const MIB = 1024 ** 2

export const BUDGET_LABELS: readonly { unit: BudgetUnit; label: string }[] = [
  { unit: 'requests', label: t`Requests per day` },
  { unit: 'records', label: t`Records per day` },
  { unit: 'bytes', label: t`MiB per day` },
]

/** What is typed for the limits of a token. Empty means no limit, or the default. */
export type LimitValues = Readonly<Record<'rate' | BudgetUnit, string>>

export function limitValues({ rate, budget }: { rate: string | null; budget: TokenBudget | null }): LimitValues {
  return {
    rate: rate ?? '',
    requests: String(budget?.requests ?? ''),
    records: String(budget?.records ?? ''),
    bytes: budget?.bytes === undefined ? '' : String(Math.round((budget.bytes / MIB) * 100) / 100),
  }
}

/**
 * Returns the budget to save. A unit that wasn't touched keeps its exact value, because MiB are rounded. Null if
 * nothing is limited. `problems` names the units that are no number.
 */
export function typedBudget(
  typed: LimitValues,
  stored: TokenBudget | null,
): { budget: TokenBudget | null; problems: readonly BudgetUnit[] } {
  const before = limitValues({ rate: null, budget: stored })
  const budget: TokenBudget = {}
  const problems: BudgetUnit[] = []
  for (const unit of BUDGET_UNITS) {
    const text = typed[unit].trim()
    if (text === '') continue
    const value = typed[unit] === before[unit] ? stored?.[unit] : numberOf(text, unit)
    if (value === undefined) problems.push(unit)
    else budget[unit] = value
  }
  return { budget: Object.keys(budget).length === 0 ? null : budget, problems }
}

/** With commas between thousands only: "1,5" could mean one and a half. */
const NUMBER = /^(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?$/

function numberOf(text: string, unit: BudgetUnit): number | undefined {
  if (!NUMBER.test(text)) return undefined
  const number = Number(text.replaceAll(',', ''))
  const value = unit === 'bytes' ? Math.round(number * MIB) : number
  return Number.isSafeInteger(value) && value >= 1 ? value : undefined
}
