import { grantText } from '../columns.ts'
import { wrong } from '../errors.ts'
import { kindOf, needed, type Kind } from '../options.ts'
import { printOne, type Format } from '../output.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { withEngine } from '../with-engine.ts'

export async function describe(word: string, name: string, { project, output }: { project?: string; output: Format }): Promise<void> {
  const kind = kindOf(word, ['project', 'connection', 'token', 'session'])
  const record = await withEngine(({ api }) => fetchRecord(api, kind, name, project))
  const readable = output === 'table' && 'grants' in record ? { ...record, grants: record.grants.map(grantText) } : record
  await printOne(readable, output)
}

async function fetchRecord(api: OwnerClient, kind: Kind, name: string, project: string | undefined) {
  if (kind === 'project') return api.projects.get({ name })
  if (kind === 'connection') return api.connections.get({ name })
  if (kind === 'token') return api.tokens.get({ project: needed(project, '-p'), name })
  const session = (await api.sessions.list({ project })).find((one) => one.id === name)
  if (session === undefined) throw wrong(`There is no session “${name}”. See hallpass get sessions.`)
  return session
}
