import type { Dependents } from '../../contract/records.ts'
import { findConnection, findProject } from './find-rows.ts'
import type { OwnerParts } from './owner-parts.ts'
import { getToken } from './token-actions.ts'

/** Expired tokens are left out, because nothing ends with them. */
function activeTokens({ access }: OwnerParts, project: string, connection?: string): Dependents['tokens'] {
  return access
    .tokens(project)
    .filter(
      (token) =>
        token.status === 'active' &&
        (connection === undefined || token.grants.some((grant) => grant.connection === connection)),
    )
    .map(({ name }) => ({ project, name }))
}

export function projectDependents(parts: OwnerParts, name: string): Dependents {
  const project = findProject(parts.store, name, 'name').name
  return { projects: [], tokens: activeTokens(parts, project), ...parts.access.below({ project }) }
}

export function connectionDependents(
  parts: OwnerParts,
  input: { name: string; project?: string | undefined },
): Dependents {
  const connection = findConnection(parts.store, input.name)
  const including = parts.store.read.projectsOf(connection.id)
  const named = input.project === undefined ? null : findProject(parts.store, input.project).name
  const projects = including.filter((project) => named === null || project === named)
  return {
    projects,
    tokens: projects.flatMap((project) => activeTokens(parts, project, connection.name)),
    ...parts.access.below({ connection: connection.name, ...(named === null ? {} : { project: named }) }),
  }
}

export function tokenDependents(parts: OwnerParts, input: { project: string; name: string }): Dependents {
  const { name } = getToken(parts, input)
  return { projects: [], tokens: [], ...parts.access.below({ project: input.project, token: name }) }
}
