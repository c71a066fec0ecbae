import { plural, t } from '../../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant } from '../../../../../contract/grants.ts'
import type { ConnectionRecord } from '../../../../../contract/records.ts'
import { isCustom, isWhole, LIMITS, limitsOf, type Limit } from '../permission-grid.ts'
import { LIMIT_TEXTS } from './limit-texts.ts'

/** Names of patterns and paths that are said in full. */
const MAX_NAMED = 2

/** Returns "write on 1 of 5 tables" or "12 of 38 tools, find_*". `known` lists the resources, if they are loaded. */
export function limitSummary(
  { kind, tools }: ConnectionRecord,
  mine: readonly Grant[],
  known: readonly string[] | undefined,
): string {
  if (mine.length === 0) return t`No access`
  if (mine.some(isCustom)) return t`Custom`
  const limited = mine.filter((grant) => !isWhole(grant))
  if (limited.length === 0) return LIMIT_TEXTS[limitsOf(kind)[0] ?? 'tables'].all.toLowerCase()
  const parts = LIMITS.flatMap((limit) => {
    const names = [...new Set(limited.flatMap((grant) => grant[limit] ?? []))]
    const total = known?.length ?? (limit === 'tools' && tools !== null ? tools.on + tools.off : undefined)
    return names.length === 0 ? [] : [countText(limit, names, limit === 'paths' ? undefined : total, known)]
  })
  // Where all is limited, there is nothing to tell it from.
  if (limited.length === mine.length) return parts.join('; ')
  const permissions = PERMISSIONS.filter((one) => limited.some((grant) => grant.permissions.includes(one)))
  return t`${permissions.join(', ')} on ${parts.join('; ')}`
}

function countText(
  limit: Limit,
  names: readonly string[],
  total: number | undefined,
  known: readonly string[] | undefined,
): string {
  const patterns = limit === 'tables' ? [] : names.filter((name) => name.includes('*'))
  if (limit === 'paths') {
    const rest = names.length - MAX_NAMED
    return [...names.slice(0, MAX_NAMED), ...(rest > 0 ? [t`${rest} more`] : [])].join(', ')
  }
  const exact = new Set(names)
  const matches = patterns.map(covering)
  const isCovered = (one: string): boolean => exact.has(one) || matches.some((covers) => covers(one))
  // What a pattern covers is unknown until the resources are.
  const isCounted = known !== undefined || patterns.length === 0
  const count = known === undefined ? names.length - patterns.length : known.filter(isCovered).length
  const counted =
    !isCounted || total === undefined || total < count
      ? countOf(limit, count)
      : limit === 'tables'
        ? t`${count} of ${plural(total, '# table', '# tables')}`
        : t`${count} of ${plural(total, '# tool', '# tools')}`
  return [...(count > 0 || isCounted ? [counted] : []), ...patterns.slice(0, MAX_NAMED)].join(', ')
}

function countOf(limit: Limit, count: number): string {
  return limit === 'tables' ? t`${plural(count, '# table', '# tables')}` : t`${plural(count, '# tool', '# tools')}`
}

/** Returns what tells whether a name or pattern of a grant covers a resource, as the engine decides it: `*` stands for any characters. */
export function covering(pattern: string): (resource: string) => boolean {
  if (!pattern.includes('*')) return (resource) => pattern === resource
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  const whole = new RegExp(`^${parts.join('.*')}$`, 's')
  return (resource) => whole.test(resource)
}
