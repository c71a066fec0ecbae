import { rich } from '../../../lib/rich.ts'
import { t } from '../../../../contract/text/translate.ts'
import { PERMISSIONS, type Grant, type Permission } from '../../../../contract/grants.ts'
import { formatDay } from '../../../lib/format.ts'
import { isWhole, LIMITS } from '../page/permission-grid.ts'
import styles from './new-token.module.css'
import { ttlOf, type TokenDraft } from './token-draft.ts'

const VERBS: Record<Permission, string> = { read: t`read`, write: t`write`, schema: t`change the schema` }
const MAX_NAMED = 3

/** Says in sentences what the token will be able to do, and what not. */
export function TokenSummary({ draft }: { draft: TokenDraft }) {
  const broad = draft.grants.filter(isBroadGrant)
  const name = <b>{draft.name === '' ? t`The token` : draft.name}</b>
  return (
    <aside className={styles.summary} aria-label={t`Summary`} aria-live="polite">
      <p>{draft.grants.length === 0 ? rich`${name} has no access yet.` : rich`${name} can`}</p>
      {draft.grants.length > 0 && (
        <ul>
          {accessSentences(draft.grants).map((sentence) => (
            <li key={sentence}>{sentence}</li>
          ))}
        </ul>
      )}
      {draft.grants.length > 0 && <p>{cannot(draft.grants)}</p>}
      {broad.length > 0 && (
        <p
          className={styles.careful}
        >{t`Broad: all of ${namesOf(broad.map(({ connection }) => connection))}, including what is added later.`}</p>
      )}
      <p className={draft.expiry === 'never' ? styles.careful : undefined}>{expirySentence(draft)}</p>
    </aside>
  )
}

/** Permissions that change a whole connection, or its schema. */
function isBroadGrant(grant: Grant): boolean {
  return (
    (isWhole(grant) && grant.permissions.some((permission) => permission !== 'read')) ||
    grant.permissions.includes('schema')
  )
}

/** Returns "read all of sales and crm" and "write Orders of ledger". Connections with equal permissions share one. */
export function accessSentences(grants: readonly Grant[]): string[] {
  const groups = new Map<string, string[]>()
  const limited: string[] = []
  for (const grant of grants) {
    const verbs = joined(grant.permissions.map((permission) => VERBS[permission]))
    const resources = LIMITS.flatMap((limit) => grant[limit] ?? [])
    if (resources.length > 0) limited.push(t`${verbs} ${namesOf(resources)} of ${grant.connection}`)
    else groups.set(verbs, [...(groups.get(verbs) ?? []), grant.connection])
  }
  return [...[...groups].map(([verbs, names]) => t`${verbs} all of ${namesOf(names)}`), ...limited]
}

function cannot(grants: readonly Grant[]): string {
  const missing = PERMISSIONS.filter(
    (permission) => !grants.some(({ permissions }) => permissions.includes(permission)),
  )
  if (missing.length === 0) return ''
  const verbs = missing.map((permission) =>
    permission === 'schema' ? t`change tables and columns` : VERBS[permission],
  )
  return t`It can't ${verbs.join(' or ')}.`
}

function expirySentence(draft: TokenDraft): string {
  if (draft.expiry === 'never') return t`Never expires: it works until you revoke it.`
  if (draft.expiry === 'date') return draft.date === '' ? t`Choose a date.` : t`Expires ${formatDay(ttlOf(draft))}.`
  return t`Expires ${formatDay(new Date(Date.now() + spanOf(draft.expiry)).toISOString())}.`
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function spanOf(lifetime: string): number {
  return Number.parseInt(lifetime, 10) * (UNITS[lifetime.at(-1) ?? ''] ?? 0)
}

function namesOf(names: readonly string[]): string {
  const rest = names.length - MAX_NAMED
  return rest <= 0 ? joined(names) : joined([...names.slice(0, MAX_NAMED), `${rest} more`])
}

function joined(parts: readonly string[]): string {
  return parts.length < 2 ? parts.join('') : t`${parts.slice(0, -1).join(', ')} and ${parts.at(-1) ?? ''}`
}
