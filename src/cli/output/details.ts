import type { HttpDetails } from '../../contract/upstreams/http-connection.ts'
import type { McpDiagnostics } from '../../contract/upstreams/mcp-connection.ts'
import type { ConnectionRecord, Health, ProjectRecord, SessionRecord, TokenRecord } from '../../contract/records.ts'
import { BUDGET_UNITS } from '../../contract/tokens/token-budget.ts'
import { answerLength, tokenStatus, grantText, parentText, payloadsText, stateText, toolsShown } from './columns.ts'
import { budgetText } from '../flags/budget-option.ts'
import { timestamp, type Detail } from './output.ts'

const STDERR_LINES = 10

export type ConnectionFacts = ConnectionRecord & { http?: HttpDetails; mcp?: McpDiagnostics }

export function projectDetails(project: ProjectRecord): Detail[] {
  return [
    ['Name', project.name],
    ['Description', project.description],
    ['Pinned', project.pinned ? 'yes' : null],
    ['Payloads', payloadsText(project)],
    ['Connections', project.connections],
    ['Tokens', project.tokens],
    ['Tools shown to MCP clients', toolsShown(project)],
    ['Length of answers to models', answerLength(project.answer_chars, 'from the settings')],
    ['Created', timestamp(project.created_at)],
  ]
}

export function tokenDetails(token: TokenRecord): Detail[] {
  return [
    ['Name', token.name],
    ['Project', token.project],
    ['Kind', token.kind],
    ['Status', tokenStatus(token)],
    ['Permissions', token.grants.length === 0 ? 'none' : token.grants.map(grantText)],
    ['Prefix', token.prefix],
    ['Rate limit', token.rate ?? 'from the settings'],
    ['Daily budget', budgetDetail(token)],
    ['Tools shown to MCP clients', token.mode ?? 'set by the project'],
    ['Length of answers to models', answerLength(token.answer_chars, 'set by the project')],
    ['Created', timestamp(token.created_at)],
    ['Last used', timestamp(token.last_used_at, 'never')],
    ['Expires', timestamp(token.expires_at, 'never')],
  ]
}

/** Returns the limits and what is used of them since midnight UTC. */
function budgetDetail({ budget, budget_used: used }: TokenRecord): string {
  if (budget === null) return 'none'
  const units = BUDGET_UNITS.filter((unit) => budget[unit] !== undefined)
  return `${budgetText(budget)} (used today: ${units.map((unit) => `${unit}=${used[unit]}`).join(',')})`
}

export function sessionDetails(session: SessionRecord): Detail[] {
  return [
    ['ID', session.id],
    ['Project', session.project],
    ['Created from', parentText(session.parent)],
    ['Connection', session.connection],
    ['Permissions', session.permissions.join(', ')],
    ['Limited to', session.resources ?? 'everything'],
    ['Created', timestamp(session.created_at)],
    ['Expires', timestamp(session.expires_at)],
    ['Requests', session.max_requests === null ? session.requests : `${session.requests} of ${session.max_requests}`],
  ]
}

export function connectionDetails(connection: ConnectionFacts): Detail[] {
  return [
    ['Name', connection.name],
    ['Kind', connection.kind],
    ['Target', connection.target],
    ['Projects', connection.projects],
    ['Secret', connection.secret],
    ['Health', healthText(connection.health)],
    ['Last used', timestamp(connection.last_used_at, 'never')],
    ['Created', timestamp(connection.created_at)],
    ...(connection.http === undefined ? [] : httpDetails(connection.http)),
    ...(connection.mcp === undefined ? [] : mcpDetails(connection.mcp)),
  ]
}

function healthText(health: Health): string {
  if (health.checked_at === null) return stateText(health)
  const took = health.latency_ms === null ? '' : `, ${Math.round(health.latency_ms)} ms`
  return `${stateText(health)} (checked ${timestamp(health.checked_at)}${took})${health.message === null ? '' : `: ${health.message}`}`
}

function httpDetails(http: HttpDetails): Detail[] {
  const offered = http.openapi?.operations.filter((one) => one.chosen) ?? []
  return [
    ['Authentication', http.auth],
    ['Rules', http.rules.map((rule) => `${rule.methods?.join(',') ?? 'any method'} ${rule.path}: ${rule.permission}`)],
    ['Test path', http.health_path],
    ['Timeout', `${http.timeout_ms / 1000} s`],
    ['Concurrent requests', http.concurrency],
    ['Private network', http.pinned ? 'allowed' : 'not allowed'],
    ['Proxy', http.proxy ?? 'none, unless NODE_USE_ENV_PROXY is 1'],
    ['%2F in paths', http.allow_encoded_slash ? 'allowed' : 'not allowed'],
    ['Range headers', http.allow_range ? 'forwarded' : 'not forwarded with a secret'],
    [
      'OpenAPI document',
      http.openapi === null
        ? 'none'
        : `${http.openapi.title} ${http.openapi.version} (${http.openapi.source}), ${offered.length} of ${http.openapi.operations.length} operations offered as tools`,
    ],
    ['Selected tags', http.openapi?.tags.length === 0 ? null : (http.openapi?.tags ?? null)],
    ['Operations', offered.map((one) => `${one.id}: ${one.method} ${one.path} (${one.permission})`)],
  ]
}

/** The last lines of stderr usually say why a command doesn't work. */
function mcpDetails(mcp: McpDiagnostics): Detail[] {
  const lines = mcp.stderr
    .trimEnd()
    .split('\n')
    .filter((line) => line !== '')
  return [
    ['State', mcp.state.replaceAll('_', ' ')],
    ['Message', mcp.message],
    ['Sessions', mcp.sessions],
    ['Starts', mcp.starts],
    ['Crashes', mcp.crashes],
    ['Restarts at', timestamp(mcp.next_start_at)],
    ['Unexpected output', mcp.stray_output],
    ['Stderr', lines.slice(-STDERR_LINES)],
  ]
}
