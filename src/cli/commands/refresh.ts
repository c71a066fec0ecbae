import { usageError } from '../errors.ts'
import { printOperations } from '../output/print-operations.ts'
import { withEngine } from '../with-engine.ts'

/** Lists an MCP server again, or reloads an API's OpenAPI document and selects operations of it. */
export async function refresh(
  name: string,
  { operation, tag }: { operation?: string[]; tag?: string[] },
): Promise<void> {
  const result = await withEngine(async ({ api }) => {
    const { kind } = await api.connections.get({ name })
    if (kind === 'grist' || kind === 'sqlite')
      throw usageError(`"${name}" is a document. Its tables are read at every request, so it needs no refresh.`)
    if (kind === 'mcp') return { mcp: await api.connections.refreshTools({ name }) }
    return {
      changes: await api.connections.refreshOpenapi({ name, operations: operation, tags: tag }),
      http: await api.connections.http({ name }),
    }
  })
  if ('mcp' in result) {
    const { tools, needs_review: pending } = result.mcp
    process.stdout.write(`Refreshed ${name}: ${tools} ${tools === 1 ? 'tool' : 'tools'}\n`)
    if (pending > 0) process.stderr.write(`${pending} need review. Next: hallpass tools ${name}\n`)
    return
  }
  const { changes, http } = result
  printOperations(http)
  for (const [word, ids] of [
    ['Added', changes.added],
    ['Removed', changes.removed],
    ['Changed', changes.changed],
  ] as const) {
    if (ids.length > 0) process.stdout.write(`${word}: ${ids.join(', ')}\n`)
  }
}
