import { t } from '../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant } from '../../../../contract/grants.ts'
import { isWhole, LIMITS } from '../page/permission-grid.ts'

/** Returns "Read 4, write 1", the number of connections per permission, and "sales, crm and 3 more". */
export function accessLines(grants: readonly Grant[]): [counts: string, places: string] {
  if (grants.length === 0) return [t`No access`, '']
  const counts = PERMISSIONS.flatMap((permission) => {
    const connections = new Set(
      grants.filter(({ permissions }) => permissions.includes(permission)).map(({ connection }) => connection),
    )
    return connections.size === 0 ? [] : [`${permission} ${connections.size}`]
  }).join(', ')
  const limited = !grants.every(isWhole)
  const line = `${counts.charAt(0).toUpperCase()}${counts.slice(1)}`
  return [limited ? t`${line}, limited` : line, placesOf(grants)]
}

function placesOf(grants: readonly Grant[]): string {
  const names = [...new Set(grants.map(({ connection }) => connection))]
  const [first = '', second = ''] = names
  const only = grants.length === 1 ? LIMITS.flatMap((limit) => grants[0]?.[limit] ?? []) : []
  const [limit, ...limits] = only
  if (limit !== undefined) return `${first} › ${limits.length === 0 ? limit : t`${limit} and ${limits.length} more`}`
  if (names.length < 3) return names.join(' and ')
  return t`${first}, ${second} and ${names.length - 2} more`
}
