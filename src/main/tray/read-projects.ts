import type { OwnerClient } from '../../control/control-client.ts'
import type { TrayProject } from './tray-state.ts'

/** Returns all projects with their documents, most recently used first. */
export async function readProjects(owner: OwnerClient): Promise<TrayProject[]> {
  const [projects, connections, tokens] = await Promise.all([
    owner.projects.list(),
    owner.connections.list({}),
    owner.tokens.list({}),
  ])
  const documents = new Set(
    connections.filter(({ kind }) => kind === 'grist' || kind === 'sqlite').map(({ name }) => name),
  )
  const used = new Map<string, string>()
  for (const { project, last_used_at } of tokens) {
    if (last_used_at !== null && last_used_at > (used.get(project) ?? '')) used.set(project, last_used_at)
  }
  const recency = (project: (typeof projects)[number]): string => used.get(project.name) ?? project.created_at
  return projects
    .sort((one, other) => recency(other).localeCompare(recency(one)))
    .map(({ name, connections: included }) => ({
      name,
      documents: included.filter((connection) => documents.has(connection)),
    }))
}
