import { t } from '../../../contract/text/translate.ts'

export const ACTIVITY_PARTS = ['project', 'time', 'since', 'until', 'by', 'as'] as const
/** What Activity shows, as in the page's URL. `since` and `until` replace `time`. */
export type ActivitySearch = { [Part in (typeof ACTIVITY_PARTS)[number]]?: string | undefined }

/** Times that can be chosen, with as many steps as can be drawn as distinct bars, and one more for a cut first step. */
export const ACTIVITY_TIMES = [
  { value: '1h', label: t`1 h`, phrase: t`the last hour`, steps: 61 },
  { value: '24h', label: t`24 h`, phrase: t`the last 24 hours`, steps: 49 },
  { value: 'today', label: t`Today`, phrase: t`today`, steps: 26 },
  { value: '7d', label: t`7 d`, phrase: t`the last 7 days`, steps: 57 },
  { value: '30d', label: t`30 d`, phrase: t`the last 30 days`, steps: 31 },
] as const

export interface ActivityTime {
  /** Null for exact times. */
  value: (typeof ACTIVITY_TIMES)[number]['value'] | null
  phrase: string
  since: string
  until?: string
  steps: number
}

/** Returns the chosen time. `midnight` is the start of the viewer's day. */
export function activityTime({ time, since, until }: ActivitySearch, midnight: string): ActivityTime {
  if (isInstant(since))
    return { value: null, phrase: t`this time`, since, ...(isInstant(until) ? { until } : {}), steps: 60 }
  const known = ACTIVITY_TIMES.find(({ value }) => value === time) ?? ACTIVITY_TIMES[1]
  return { ...known, since: known.value === 'today' ? midnight : known.value }
}

function isInstant(text: string | undefined): text is string {
  return text !== undefined && !Number.isNaN(Date.parse(text))
}
