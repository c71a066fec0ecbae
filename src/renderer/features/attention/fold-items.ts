import type { AttentionItem } from '../../../contract/owner-api/attention-api.ts'
import { t } from '../../../contract/text/translate.ts'

/** Items of one kind and project, of which only the first `shown` are drawn at first. */
export interface Fold {
  key: string
  kind: AttentionItem['kind']
  project: string | null
  items: AttentionItem[]
  shown: number
}

/** A list this long is folded. */
const MAX_UNFOLDED = 50
const SHOWN = 3

const WORDS: Record<AttentionItem['kind'], string> = {
  approval: t`Approvals`,
  tools_review: t`Tools to review`,
  sign_in: t`Sign-ins needed`,
  connection_down: t`Connections that are down`,
  secret_store: t`Secret store`,
  log: t`Request log`,
  certificate: t`Certificate`,
  client_drifted: t`Client entries that no longer work`,
  token_expiring: t`Tokens that expire soon`,
  ended_token: t`Ended tokens being tried`,
  unknown_token: t`Unknown tokens being tried`,
  refusals: t`Repeated denials`,
  budget: t`Budgets nearly used up`,
  reachable: t`Reachable from other computers`,
}

export function kindWord(kind: AttentionItem['kind']): string {
  return WORDS[kind]
}

/** Groups items by kind and project, in the order of their first item. `total` is the length of the whole list. */
export function foldItems(items: readonly AttentionItem[], total: number): Fold[] {
  const folds = new Map<string, Fold>()
  const isLong = total > MAX_UNFOLDED
  for (const item of items) {
    const { kind, subject } = item
    // A short list stays as it is.
    const key = isLong ? JSON.stringify([kind, subject.project]) : item.id
    const fold = folds.get(key) ?? { key, kind, project: subject.project, items: [], shown: SHOWN }
    fold.items.push(item)
    folds.set(key, fold)
  }
  return [...folds.values()]
}
