import type { OwnerOutputs, OwnerParts } from '../owner-parts.ts'
import { findProject } from '../find-rows.ts'

/** Counts the tools that clients of a local token see in each mode. Throws INVALID_REQUEST without such a token. */
export function countShownTools(
  { access, bridge, store }: Pick<OwnerParts, 'access' | 'bridge' | 'store'>,
  input: { project: string; token: string },
): OwnerOutputs['clients']['toolsShown'] {
  const project = findProject(store, input.project)
  const principal = access.recognizeLocal(project.name, input.token)
  const servers = store.read.connections(project.id).filter(({ kind }) => kind === 'mcp')
  const only = servers.length === 1 ? servers[0]?.name : undefined
  const connection = project.pass_through ?? only
  return {
    all: bridge.countTools(principal, { kind: 'all' }),
    search: bridge.countTools(principal, { kind: 'search' }),
    alone:
      connection === undefined
        ? null
        : { connection, ...bridge.countTools(principal, { kind: 'pass-through', connection }) },
  }
}
