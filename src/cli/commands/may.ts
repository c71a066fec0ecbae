import { ROLES, type Grant } from '../../contract/grants.ts'
import type { TokenRecord } from '../../contract/records.ts'
import { DOCUMENT_METHODS } from '../../contract/methods/document-methods.ts'
import { HTTP_METHODS } from '../../contract/upstreams/http-connection.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { compileRules, decide, type Demand } from '../../engine/index.ts'
import { closestName } from '../closest-name.ts'
import { grantText } from '../output/columns.ts'
import { EXIT, usageError } from '../errors.ts'
import { printStructured, type Format } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

interface MayFlags {
  project: string
  token: string
  output: Format
}

interface Judgement {
  allowed: boolean
  reason: string
  remedy: string | null
}

/** Prints whether a token can do something, using the decision of a real call. Sends nothing to the upstream. */
export async function may(
  method: string,
  connection: string,
  resource: string | undefined,
  { project, token, output }: MayFlags,
): Promise<void> {
  const decision = await withEngine(async ({ api }) => {
    const { demand, obstacle } = await demandOf(api, method, connection, resource)
    const [record, holder, status] = [
      await api.tokens.get({ project, name: token }),
      await api.projects.get({ name: project }),
      await api.status(),
    ]
    if (record.status !== 'active')
      return no(`Token "${token}" is ${record.status}.`, `hallpass create token ${token} -p ${project} --force`)
    if (status.paused) return no('All access is paused.', 'hallpass resume')
    if (record.paused) return no(`Token "${token}" is paused.`, `hallpass update token ${token} -p ${project} --resume`)
    if (!holder.connections.includes(connection))
      return no(
        `Connection "${connection}" isn't in project "${project}".`,
        `hallpass include ${connection} -p ${project}`,
      )
    if ((await api.connections.get({ name: connection })).paused)
      return no(`Connection "${connection}" is paused. Resume it in the app or the web console.`, null)
    const decision = decide(record.grants, demand, `token "${token}"`)
    if (!decision.allowed) return no(decision.sentence, remedyFor(record, demand))
    if (obstacle !== null) return obstacle
    return {
      allowed: true,
      reason: `Needs ${demand.permission}. Allowed by the grant ${grantText(decision.grant)}`,
      remedy: null,
    }
  })
  if (output === 'table') {
    process.stdout.write(`${decision.allowed ? 'yes' : 'no'}: ${decision.reason}\n`)
    if (decision.remedy !== null) process.stderr.write(`To allow it, run ${decision.remedy}\n`)
  } else await printStructured(decision, output)
  process.exitCode = decision.allowed ? EXIT.success : EXIT.failed
}

function no(reason: string, remedy: string | null): Judgement {
  return { allowed: false, reason, remedy }
}

async function demandOf(
  api: OwnerClient,
  method: string,
  connection: string,
  resource: string | undefined,
): Promise<{ demand: Demand; obstacle: Judgement | null }> {
  const { kind } = await api.connections.get({ name: connection })
  if (kind === 'http') return { demand: await httpDemand(api, method, connection, resource), obstacle: null }
  if (kind === 'mcp') return toolDemand(api, method, connection, resource)
  const found = Object.entries(DOCUMENT_METHODS).find(([name]) => name === method)
  if (found === undefined) {
    const close = closestName(method, Object.keys(DOCUMENT_METHODS))
    throw usageError(
      `Unknown method "${method}".${close === null ? '' : ` The closest method is ${close}.`} Use ${Object.keys(DOCUMENT_METHODS).join(', ')}.`,
    )
  }
  const { permission } = found[1]
  const wholeDocument = method === 'sql_query' ? { wholeDocument: true } : {}
  return {
    demand: { connection, permission, ...(resource === undefined ? {} : { table: resource }), ...wholeDocument },
    obstacle: null,
  }
}

async function httpDemand(
  api: OwnerClient,
  given: string,
  connection: string,
  path: string | undefined,
): Promise<Demand> {
  const method = HTTP_METHODS.find((one) => one === given.toUpperCase())
  if (method === undefined) throw usageError(`Unknown method "${given}". Use ${HTTP_METHODS.join(', ')}.`)
  if (path === undefined || !path.startsWith('/'))
    throw usageError('Missing argument: RESOURCE, a path starting with /')
  const { rules } = await api.connections.http({ name: connection })
  return { connection, permission: compileRules(rules)(method, path), path }
}

async function toolDemand(
  api: OwnerClient,
  method: string,
  connection: string,
  resource: string | undefined,
): Promise<{ demand: Demand; obstacle: Judgement | null }> {
  if (method !== 'call' || resource === undefined)
    throw usageError('Use call and the name of a tool for an MCP server, for example: hallpass may call tracker search')
  const tools = await api.connections.tools({ name: connection })
  const tool = tools.find(({ name }) => name === resource)
  if (tool === undefined) {
    const close = closestName(
      resource,
      tools.map(({ name }) => name),
    )
    throw usageError(
      `Tool "${resource}" not found.${close === null ? '' : ` The closest tool is ${close}.`} Run hallpass tools ${connection} for a list.`,
    )
  }
  const accepted = tool.state === 'accepted'
  const obstacle = accepted
    ? null
    : no(`Tool "${resource}" needs review (${tool.state}).`, `hallpass tools ${connection} --accept ${resource}`)
  return { demand: { connection, permission: tool.permission, tool: resource }, obstacle }
}

/** Returns a command that adds the demand to the token's access. New bindings replace all old ones, so it repeats those. */
function remedyFor({ name, project, grants }: TokenRecord, demand: Demand): string {
  const bindings = [...grants.map(bindingOf), bindingFor(demand)]
  if (bindings.includes(null)) return 'hallpass console, and add the permission on the page of the token'
  const options = bindings.map((binding) => ` --bind ${shellWord(String(binding))}`)
  return `hallpass update token ${name} -p ${project}${options.join('')}`
}

/** Quotes a text as one word of a shell. */
function shellWord(text: string): string {
  return /^[\w.,:/@%+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** Returns a grant as a binding, or null if its permissions aren't those of a role. */
function bindingOf({ connection, permissions, tables = [], tools = [], paths = [] }: Grant): string | null {
  const role = Object.entries(ROLES).find(([, all]) => all.toSorted().join() === permissions.toSorted().join())?.[0]
  if (role === undefined) return null
  const limits = [
    ...tables.map((table) => `table:${table}`),
    ...tools.map((tool) => `tool:${tool}`),
    ...paths.map((path) => `path:${path}`),
  ]
  return [`role:${role}`, `connection:${connection}`, ...limits].join(',')
}

/** Returns a binding that would cover the demand. */
function bindingFor({ connection, permission, table, tool, path, wholeDocument }: Demand): string {
  const role = { read: 'viewer', write: 'editor', schema: 'admin' }[permission]
  const limits =
    wholeDocument === true
      ? []
      : [
          ['table', table],
          ['tool', tool],
          ['path', path],
        ]
  return [
    `role:${role},connection:${connection}`,
    ...limits.flatMap(([key, value]) => (value === undefined ? [] : [`${key}:${value}`])),
  ].join(',')
}
