import { invalidRequest } from '../../contract/errors.ts'
import type { ConnectionRow, ProjectRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/** The project of that name, or INVALID_REQUEST that names the field and the projects there are. */
export function findProject(store: Store, name: string, field = 'project'): ProjectRow {
  return (
    store.read.project(name) ??
    unknownName(
      field,
      'project',
      name,
      store.read.projects().map((one) => one.name),
    )
  )
}

/** The connection of that name, or INVALID_REQUEST that names the field and the connections there are. */
export function findConnection(store: Store, name: string, field = 'name'): ConnectionRow {
  return (
    store.read.connection(name) ??
    unknownName(
      field,
      'connection',
      name,
      store.read.connections().map((one) => one.name),
    )
  )
}

export function unknownName(field: string, what: string, name: string, existing: readonly string[]): never {
  const shown = existing.slice(0, 20)
  const list = shown.length === 0 ? '' : ` Known: ${shown.join(', ')}${existing.length > shown.length ? ', …' : ''}.`
  throw invalidRequest(`No ${what} named "${name}".${list}`, field, { reason: 'unknown' })
}

export function nameTaken(what: string, name: string): never {
  throw invalidRequest(`${what.charAt(0).toUpperCase()}${what.slice(1)} "${name}" already exists.`, 'name', {
    reason: 'taken',
  })
}
