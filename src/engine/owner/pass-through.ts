import { invalidRequest, type HallpassError } from '../../contract/errors.ts'
import type { ProjectRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'
import { findProject } from './find-rows.ts'

/** Returns why a project can't pass through the connection of this name. Throws INVALID_REQUEST if the project is gone. */
export function passThroughError(store: Store, projectName: string, name: string): HallpassError {
  const project = findProject(store, projectName, 'name')
  const row = store.read.connections(project.id).find((candidate) => candidate.name === name)
  if (row === undefined)
    return invalidRequest(
      `Connection "${name}" isn't in project "${project.name}". Add it first: hallpass include ${name} -p ${project.name}`,
      'pass_through',
    )
  if (row.kind !== 'mcp')
    return invalidRequest(
      `Pass-through only works for MCP servers. "${name}" is ${row.kind === 'http' ? 'an HTTP API' : 'a document'}.`,
      'pass_through',
    )
  return (
    otherServerError(store, project, name) ??
    invalidRequest(`Project "${project.name}" was changed elsewhere at the same time. Try again.`, 'pass_through')
  )
}

/** Throws INVALID_REQUEST if the project has an MCP server other than this one, which pass-through would hide. */
export function requireOnlyServer(store: Store, project: ProjectRow, name: string): void {
  const error = otherServerError(store, project, name)
  if (error !== null) throw error
}

function otherServerError(store: Store, project: ProjectRow, name: string): HallpassError | null {
  const other = store.read
    .connections(project.id)
    .find((candidate) => candidate.kind === 'mcp' && candidate.name !== name)
  if (other === undefined) return null
  return invalidRequest(
    `Project "${project.name}" has another MCP server, "${other.name}", which pass-through would hide. Remove it from the project, or use a separate project for "${name}".`,
    'pass_through',
  )
}
