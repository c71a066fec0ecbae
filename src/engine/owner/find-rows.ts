import { invalidRequest } from '../../contract/errors.ts'
import type { ConnectionRow, ProjectRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/** Returns the project of this name. Throws INVALID_REQUEST with the field and the existing projects. */
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

/** Returns the connection of this name. Throws INVALID_REQUEST with the field and the existing connections. */
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

/** Throws INVALID_REQUEST that lists the existing names. `where` follows "not found", such as ` in project "demo"`. */
export function unknownName(field: string, what: string, name: string, existing: readonly string[], where = ''): never {
  const shown = existing.slice(0, 20)
  const list =
    shown.length === 0
      ? `There are no ${what}s yet.`
      : `Available: ${shown.join(', ')}${existing.length > shown.length ? ', …' : ''}.`
  throw invalidRequest(`${capitalized(what)} "${name}" not found${where}. ${list}`, field)
}

export function nameTaken(what: string, name: string): never {
  throw invalidRequest(`${capitalized(what)} "${name}" already exists.`, 'name')
}

function capitalized(label: string): string {
  return label.charAt(0).toUpperCase() + label.slice(1)
}
