import { invalidRequest } from '../../../contract/errors.ts'
import { tokenNameSchema } from '../../../contract/names.ts'
import type { Store } from '../../store/store.ts'
import type { NewToken, ProjectRow } from '../../store/rows.ts'
import type { TokenOrder } from '../access.ts'
import type { Lifetime } from './lifetime.ts'
import { parseRate } from '../rate/rate.ts'
import { unknownName, quote } from '../sentences.ts'
import { expiryOf } from './time-to-live.ts'
import { newAccessToken } from '../../text/token-format.ts'
import { checkGrants, cloneGrants } from './token-grants.ts'

export function projectNamed(store: Store, name: string): ProjectRow {
  const project = store.read.project(name)
  if (project === null) throw unknownName('project', name)
  return project
}

/** Checks the order whole, before anything is changed; answers the row to write and the secret to show once. */
export function prepareToken(
  store: Store,
  lifetime: Lifetime,
  order: TokenOrder,
): { row: NewToken; secret: string | null } {
  const project = projectNamed(store, order.project)
  const name = tokenNameSchema.safeParse(order.name)
  if (!name.success)
    throw invalidRequest(`The name ${quote(order.name)} ${name.error.issues[0]?.message ?? 'is invalid'}.`, 'name')
  if (order.clone === true && (order.grants?.length ?? 0) > 0)
    throw invalidRequest('Set either grants or clone, not both.', 'grants')
  const included = store.read.connections(project.id)
  const grants = order.clone === true ? cloneGrants(included) : checkGrants(order.grants ?? [], included, project.name)
  if (order.rate !== undefined) parseRate(order.rate)
  const now = lifetime.now()
  const expiresAt = expiryOf(order.ttl, now)
  if (order.force !== true && store.read.token(project.id, order.name) !== null) {
    throw invalidRequest(
      `Token "${order.name}" already exists in project "${project.name}". Use force to replace it.`,
      'name',
      { reason: 'taken' },
    )
  }
  const made = order.kind === 'access' ? newAccessToken() : null
  return {
    secret: made?.token ?? null,
    row: {
      project_id: project.id,
      name: order.name,
      kind: order.kind,
      prefix: made?.prefix ?? null,
      hash: made?.hash ?? null,
      grants,
      rate: order.rate ?? null,
      created_at: now,
      expires_at: expiresAt,
      mode: order.mode ?? null,
    },
  }
}
