import type { Dependents } from '../../contract/records.ts'
import { findConnection, findProject } from './find-rows.ts'
import type { OwnerParts } from './owner-parts.ts'
import { getToken } from './token-actions.ts'

/** Expired tokens are left out, because nothing ends with them. */
async function activeTokens(
  { access }: OwnerParts,
  project: string,
  connection?: string,
): Promise<Dependents['tokens']> {
  const tokens = await access.tokens(project)
  return tokens
    .filter(
      (token) =>
        token.status === 'active' &&
        (connection === undefined || token.grants.some((grant) => grant.connection === connection)),
    )
    .map(({ name }) => ({ project, name }))
}

export async function projectDependents(parts: OwnerParts, name: string): Promise<Dependents> {
  const project = findProject(parts.store, name, 'name').name
  return { projects: [], tokens: await activeTokens(parts, project), ...(await parts.access.below({ project })) }
}

export async function connectionDependents(
  parts: OwnerParts,
  input: { name: string; project?: string | undefined },
): Promise<Dependents> {
  const connection = findConnection(parts.store, input.name)
  const including = parts.store.read.projectsOf(connection.id)
  const named = input.project === undefined ? null : findProject(parts.store, input.project).name
  const projects = including.filter((project) => named === null || project === named)
  return {
    projects,
    tokens: (await Promise.all(projects.map((project) => activeTokens(parts, project, connection.name)))).flat(),
    ...(await parts.access.below({ connection: connection.name, ...(named === null ? {} : { project: named }) })),
  }
}

export async function tokenDependents(
  parts: OwnerParts,
  input: { project: string; name: string },
): Promise<Dependents> {
  const { name } = await getToken(parts, input)
  return { projects: [], tokens: [], ...(await parts.access.below({ project: input.project, token: name })) }
}
