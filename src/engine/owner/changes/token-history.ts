import type { RequestRecord } from '../../../contract/records.ts'
import type { OwnerChange } from '../../../contract/request-details.ts'
import type { OwnerOutputs, OwnerParts } from '../owner-parts.ts'
import { tokenPrefix } from './changed-fields.ts'

const DEFAULT_LIMIT = 100
/** Rows read at a time. Only actions of the owner are read, which are few. */
const PAGE = 500
const MAX_SEARCH_MS = 2000

interface Address {
  project: string
  name: string
}

/** Returns the owner's changes to a token, newest first, from its creation on, also under its former names. */
export async function tokenHistory(
  { log, clock }: Pick<OwnerParts, 'log' | 'clock'>,
  { limit = DEFAULT_LIMIT, ...address }: Address & { limit?: number | undefined },
): Promise<OwnerOutputs['tokens']['history']> {
  const rows: RequestRecord[] = []
  const started = clock.monotonic()
  let then = address
  let before: number | null | undefined
  while (before !== null) {
    const page = await log.scan({
      owner_actions: 'only',
      limit: PAGE,
      ...(before === undefined ? {} : { before_id: before }),
    })
    for (const row of page.rows) {
      const change = changeOf(row, then)
      if (change !== undefined && rows.length === limit) return { rows, complete: false }
      if (change !== undefined) rows.push({ ...row, change })
      then = formerAddress(row, then)
      if (change !== undefined && isCreation(row.method, change)) return { rows, complete: true }
    }
    before = page.next_before_id
    if (before !== null && clock.monotonic() - started > MAX_SEARCH_MS) return { rows, complete: false }
  }
  return { rows, complete: true }
}

const RENAMING: ReadonlySet<string> = new Set(['tokens.rename', 'tokens.update'])

/** Rows from before changes were recorded have none. */
function isCreation(method: string, change: OwnerChange | null): boolean {
  return method === 'tokens.create' || (change !== null && change.before === null && change.after !== null)
}

/** Returns what a row changed of the token, or undefined if it didn't concern it. */
function changeOf(row: RequestRecord, { project, name }: Address): OwnerChange | null | undefined {
  if (row.status !== 200) return undefined
  if (row.method === 'configuration.apply') {
    const prefix = tokenPrefix(project, name)
    const [before, after] = [partOf(row.change?.before, prefix), partOf(row.change?.after, prefix)]
    if (before === null && after === null) return undefined
    // Every token has a kind, which never changes.
    return { before: before?.['kind'] === null ? null : before, after: after?.['kind'] === null ? null : after }
  }
  if (!row.method.startsWith('tokens.') || row.project !== project) return undefined
  const renamedTo = RENAMING.has(row.method) ? row.change?.after?.['name'] : undefined
  return (renamedTo ?? row.resource) === name ? row.change : undefined
}

function partOf(side: OwnerChange['before'] | undefined, prefix: string): OwnerChange['before'] {
  const fields = Object.entries(side ?? {}).flatMap(([field, value]) =>
    field.startsWith(prefix) ? [[field.slice(prefix.length), value] as const] : [],
  )
  return fields.length === 0 ? null : Object.fromEntries(fields)
}

/** Returns the names that the token had before an action that renamed it or its project. */
function formerAddress({ method, project, resource, status, change }: RequestRecord, { ...then }: Address): Address {
  const renamedTo = change?.after?.['name']
  if (status !== 200 || renamedTo === undefined) return then
  if (method === 'projects.rename' && renamedTo === then.project && project !== null) return { ...then, project }
  if (RENAMING.has(method) && project === then.project && renamedTo === then.name && resource !== null)
    return { ...then, name: resource }
  return then
}
