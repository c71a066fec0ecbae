import type { HttpDetails } from '../../contract/http-connection.ts'
import type { McpDiagnostics } from '../../contract/mcp-connection.ts'
import type { ConnectionRecord } from '../../contract/records.ts'
import { grantText } from '../columns.ts'
import { usageError } from '../errors.ts'
import { kindOf, requireOption, type Kind } from '../options.ts'
import { printOne, type Format } from '../output.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { withEngine } from '../with-engine.ts'

const LAST_LINES = 10

export async function describe(
  word: string,
  name: string,
  { project, output }: { project?: string; output: Format },
): Promise<void> {
  const kind = kindOf(word, ['project', 'connection', 'token', 'session'])
  const record = await withEngine(({ api }) => fetchRecord(api, kind, name, project))
  await printOne(output === 'table' ? readable(record) : record, output)
}

function readable(record: Awaited<ReturnType<typeof fetchRecord>>): object {
  if ('grants' in record) return { ...record, grants: record.grants.map(grantText) }
  if ('mcp' in record && record.mcp !== undefined) return withDiagnostics(record, record.mcp)
  if (!('http' in record) || record.http === undefined) return record
  const { http, ...rest } = record
  const { openapi, rules, base: _base, ...setUp } = http
  const offered = openapi?.operations.filter((one) => one.chosen) ?? []
  return {
    ...rest,
    ...setUp,
    rules: rules.map((rule) => `${rule.methods?.join(',') ?? 'any method'} ${rule.path} = ${rule.permission}`),
    openapi:
      openapi === null
        ? null
        : `${openapi.title} ${openapi.version}, from ${openapi.source}; ${offered.length} of ${openapi.operations.length} operations are tools`,
    operations: offered.map((one) => `${one.id}: ${one.method} ${one.path} (${one.permission})`),
  }
}

async function fetchRecord(api: OwnerClient, kind: Kind, name: string, project: string | undefined) {
  if (kind === 'project') return api.projects.get({ name })
  if (kind === 'connection') return connectionOf(api, name)
  if (kind === 'token') return api.tokens.get({ project: requireOption(project, '-p'), name })
  const session = (await api.sessions.list({ project })).find((one) => one.id === name)
  if (session === undefined) throw usageError(`There is no session “${name}”. See hallpass get sessions.`)
  return session
}

/** The end of what its commands wrote is what tells why they do not work. */
function withDiagnostics(
  { mcp: _mcp, ...record }: object & { mcp?: McpDiagnostics },
  { state, message, sessions, starts, crashes, next_start_at, stderr, stray_output }: McpDiagnostics,
): object {
  const written = stderr
    .trimEnd()
    .split('\n')
    .slice(-LAST_LINES)
    .filter((line) => line !== '')
  return { ...record, running: state, message, sessions, starts, crashes, next_start_at, stderr: written, stray_output }
}

async function connectionOf(
  api: OwnerClient,
  name: string,
): Promise<ConnectionRecord & { http?: HttpDetails; mcp?: McpDiagnostics }> {
  const record = await api.connections.get({ name })
  if (record.kind === 'mcp') return { ...record, mcp: await api.connections.diagnostics({ name }) }
  return record.kind === 'http' ? { ...record, http: await api.connections.http({ name }) } : record
}
