import { HallpassError } from '../../contract/errors.ts'
import type { ProjectRow } from '../store/rows.ts'
import type { Store } from '../store/store.ts'

/** The connection that a project may pass through; INVALID_REQUEST says why it may not. */
export function passThroughId(store: Store, project: ProjectRow, name: string): number {
  const included = store.read.connections(project.id)
  const row = included.find((candidate) => candidate.name === name)
  if (row === undefined)
    throw new HallpassError(
      'INVALID_REQUEST',
      `pass_through: project “${project.name}” does not include “${name}”; include it first.`,
    )
  if (row.kind !== 'mcp')
    throw new HallpassError(
      'INVALID_REQUEST',
      `pass_through: “${name}” is of kind ${row.kind}; only an MCP connection can be passed through.`,
    )
  const other = included.find((candidate) => candidate.kind === 'mcp' && candidate !== row)
  if (other !== undefined) {
    throw new HallpassError(
      'INVALID_REQUEST',
      `pass_through: project “${project.name}” has another MCP connection, “${other.name}”, which would be hidden. Exclude it, or give “${name}” a project of its own.`,
    )
  }
  return row.id
}
