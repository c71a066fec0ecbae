import type { Configuration, ProjectEntry, TokenEntry } from '../../../contract/configuration.ts'
import type { ProjectRow } from '../../store/rows.ts'
import { findProject } from '../find-rows.ts'
import type { OwnerOutputs, OwnerParts } from '../owner-parts.ts'
import { connectionEntry, projectEntry, tokenEntry } from './configuration-entries.ts'

/** Returns what `apply` needs to build the same again, and what can't be part of it. */
export async function exportConfiguration(
  parts: OwnerParts,
  input: { project?: string | undefined },
): Promise<OwnerOutputs['configuration']['export']> {
  const { store, connectors } = parts
  const project = input.project === undefined ? null : findProject(store, input.project)
  const leftOut: string[] = []
  const connections: Configuration['connections'] = {}
  for (const row of store.read.connections(project?.id)) {
    connections[row.name] = connectionEntry(parts, row)
    if (row.kind === 'http' && row.config.openapi_source === undefined && connectors.http.catalog(row.id) !== null)
      leftOut.push(`The OpenAPI document of connection "${row.name}", because it was pasted as text.`)
  }
  const projects: Configuration['projects'] = {}
  for (const row of project === null ? store.read.projects() : [project])
    projects[row.name] = await wholeProject(parts, row, leftOut)
  return {
    configuration: {
      version: 1,
      ...(project === null ? { settings: { ...parts.settings.current } } : {}),
      connections,
      projects,
    },
    left_out: leftOut,
  }
}

async function wholeProject(parts: OwnerParts, row: ProjectRow, leftOut: string[]): Promise<ProjectEntry> {
  const records = await parts.access.tokens(row.name)
  const active = new Set(records.filter(({ status }) => status === 'active').map(({ name }) => name))
  const tokens: Record<string, TokenEntry> = {}
  for (const token of parts.store.read.tokens(row.id)) {
    if (token.kind === 'oauth') leftOut.push(`Token "${row.name}/${token.name}", because its client signed in.`)
    else if (!active.has(token.name))
      leftOut.push(`Token "${row.name}/${token.name}", because it expired or was revoked.`)
    else tokens[token.name] = shortEntry(tokenEntry(token))
  }
  return { ...projectEntry(parts, row), tokens }
}

/** Leaves out the fields that have their default, which would only be noise. */
function shortEntry({
  description,
  rate,
  mode,
  answer_chars: chars,
  budget,
  ...entry
}: Required<TokenEntry>): TokenEntry {
  return {
    ...entry,
    ...(description === '' ? {} : { description }),
    ...(rate === null ? {} : { rate }),
    ...(mode === null ? {} : { mode }),
    ...(chars === null ? {} : { answer_chars: chars }),
    ...(budget === null ? {} : { budget }),
  }
}
