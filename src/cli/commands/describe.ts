import type { OwnerClient } from '../../control/control-client.ts'
import { usageError } from '../errors.ts'
import { parseKind, requireProject, type Kind } from '../flags/options.ts'
import { printDetails, printStructured, type Format } from '../output/output.ts'
import {
  connectionDetails,
  projectDetails,
  sessionDetails,
  tokenDetails,
  type ConnectionFacts,
} from '../output/details.ts'
import { withEngine } from '../with-engine.ts'

export async function describe(
  word: string,
  name: string,
  { project, output }: { project?: string; output: Format },
): Promise<void> {
  const kind = parseKind(word, ['project', 'connection', 'token', 'session'])
  const { record, details } = await withEngine(({ api }) => fetchRecord(api, kind, name, project))
  if (output !== 'table') return printStructured(record, output)
  printDetails(details)
}

async function fetchRecord(api: OwnerClient, kind: Kind, name: string, project: string | undefined) {
  if (kind === 'project') {
    const record = await api.projects.get({ name })
    return { record, details: projectDetails(record) }
  }
  if (kind === 'connection') {
    const record = await fetchConnection(api, name)
    return { record, details: connectionDetails(record) }
  }
  if (kind === 'token') {
    const record = await api.tokens.get({ project: requireProject(project), name })
    return { record, details: tokenDetails(record) }
  }
  const record = (await api.sessions.list({ project })).find((one) => one.id === name)
  if (record === undefined) throw usageError(`Session "${name}" not found. Run hallpass get sessions for a list.`)
  return { record, details: sessionDetails(record) }
}

async function fetchConnection(api: OwnerClient, name: string): Promise<ConnectionFacts> {
  const record = await api.connections.get({ name })
  if (record.kind === 'mcp') return { ...record, mcp: await api.connections.diagnostics({ name }) }
  return record.kind === 'http' ? { ...record, http: await api.connections.http({ name }) } : record
}
