import { Option } from 'commander'
import { BUDGET_UNITS, type TokenBudget } from '../../contract/tokens/token-budget.ts'
import { usageError } from '../errors.ts'

/** Commander doesn't pass on null, so the budget is wrapped. */
export interface BudgetFlag {
  budget: TokenBudget | null
}

export const budgetOption = (): Option =>
  new Option(
    '--budget <limits>',
    'Limits per day (UTC): requests=COUNT,records=COUNT,bytes=COUNT, or none (default: none)',
  ).argParser(parseBudget)

function parseBudget(text: string): BudgetFlag {
  if (text === 'none') return { budget: null }
  const budget: TokenBudget = {}
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=').map((side) => side.trim())
    const unit = BUDGET_UNITS.find((one) => one === name)
    const count = Number(value.replaceAll('_', ''))
    if (unit === undefined || value === '' || !Number.isSafeInteger(count) || count < 1)
      throw usageError('--budget must be none, or limits such as requests=10000,records=50000,bytes=1000000000.')
    budget[unit] = count
  }
  return { budget }
}

/** Returns a budget as the option takes it. */
export function budgetText(budget: TokenBudget | null): string {
  if (budget === null) return 'none'
  return BUDGET_UNITS.flatMap((unit) => (budget[unit] === undefined ? [] : [`${unit}=${budget[unit]}`])).join(',')
}
