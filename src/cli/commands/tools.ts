import { printable } from '../../engine/text/visible-text.ts'
import type { McpToolRecord } from '../../contract/upstreams/mcp-connection.ts'
import type { Permission } from '../../contract/grants.ts'
import { usageError } from '../errors.ts'
import { printList, type Column, type Format } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

const COLUMNS: Column<McpToolRecord>[] = [
  { title: 'TOOL', value: (row) => row.name },
  { title: 'STATUS', value: (row) => statusText(row) },
  {
    title: 'PERMISSION',
    value: (row) => (row.permission_set_by_owner ? `${row.permission} (custom)` : row.permission),
  },
  { title: 'DESCRIPTION', value: (row) => shortened(row.description) },
]

interface ToolsFlags {
  accept?: string[]
  acceptAll?: boolean
  set?: string[]
  output: Format
}

export async function tools(name: string, flags: ToolsFlags): Promise<void> {
  const settings = (flags.set ?? []).map(settingOf)
  const { rows, message } = await withEngine(async ({ api }) => {
    for (const setting of settings) await api.connections.setToolPermission({ name, ...setting })
    const accepted =
      flags.acceptAll === true
        ? (await api.connections.tools({ name }))
            .filter(needsReview)
            .map(({ name: tool, fingerprint }) => ({ name: tool, fingerprint }))
        : (flags.accept ?? [])
    if (accepted.length > 0) await api.connections.acceptTools({ name, tools: accepted })
    return {
      rows: await api.connections.tools({ name }),
      message: (await api.connections.diagnostics({ name })).message,
    }
  })
  await printList(rows, COLUMNS, flags.output, 'tools')
  if (flags.output === 'table') for (const row of rows) if (row.state === 'changed') printChanges(row)
  // Nothing in the list shows that it is old or incomplete.
  if (message !== null) process.stderr.write(`${printable(message)}\n`)
}

function needsReview({ state }: McpToolRecord): boolean {
  return state === 'new' || state === 'changed'
}

function statusText(tool: McpToolRecord): string {
  if (tool.problem !== null) return 'held back'
  const status = needsReview(tool) ? `needs review (${tool.state})` : tool.state
  return tool.repaired.length > 0 ? `${status}, repaired` : status
}

function printChanges({ name, changes }: McpToolRecord): void {
  for (const { field, before, after } of changes) {
    process.stdout.write(`\n${printable(name)}: ${field}\n${lines('-', before)}${lines('+', after)}`)
  }
}

function lines(sign: string, text: string | null): string {
  return text === null
    ? ''
    : text
        .split('\n')
        .map((line) => `${sign} ${printable(line)}\n`)
        .join('')
}

function settingOf(text: string): { tool: string; permission: Permission | null } {
  const at = text.lastIndexOf('=')
  const [tool, permission] = [text.slice(0, Math.max(0, at)), text.slice(at + 1)]
  if (tool === '' || !['read', 'write', 'schema', 'auto'].includes(permission))
    throw usageError('--set must be TOOL=read, TOOL=write, TOOL=schema or TOOL=auto.')
  return { tool, permission: permission === 'auto' ? null : (permission as Permission) }
}

function shortened(description: string | null): string | null {
  const line = description?.trim().split('\n')[0] ?? null
  return line !== null && line.length > 80 ? `${line.slice(0, 79)}…` : line
}
