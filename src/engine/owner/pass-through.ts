import { invalidRequest } from '../../contract/errors.ts'
import type { ProjectRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/** Returns the ID of the connection that a project can pass through; throws INVALID_REQUEST that says why it can't. */
export function passThroughId(store: Store, project: ProjectRow, name: string): number {
  const included = store.read.connections(project.id)
  const row = included.find((candidate) => candidate.name === name)
  if (row === undefined)
    throw invalidRequest(
      `Connection "${name}" isn't in project "${project.name}". Add it first: hallpass include ${name} -p ${project.name}`,
      'pass_through',
    )
  if (row.kind !== 'mcp')
    throw invalidRequest(
      `Pass-through only works for MCP servers. "${name}" is ${row.kind === 'http' ? 'an HTTP API' : 'a document'}.`,
      'pass_through',
    )
  requireOnlyServer(store, project, name)
  return row.id
}

/** Throws INVALID_REQUEST if the project has an MCP server other than this one, which pass-through would hide. */
export function requireOnlyServer(store: Store, project: ProjectRow, name: string): void {
  const other = store.read
    .connections(project.id)
    .find((candidate) => candidate.kind === 'mcp' && candidate.name !== name)
  if (other !== undefined) {
    throw invalidRequest(
      `Project "${project.name}" has another MCP server, "${other.name}", which pass-through would hide. Remove it from the project, or use a separate project for "${name}".`,
      'pass_through',
    )
  }
}
