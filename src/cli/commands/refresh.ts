import { printOperations } from '../print-operations.ts'
import { withEngine } from '../with-engine.ts'

/** Reloads a connection's OpenAPI document, or selects other operations of it. */
export async function refresh(
  name: string,
  { operation, tag }: { operation?: string[]; tag?: string[] },
): Promise<void> {
  const { changes, http } = await withEngine(async ({ api }) => ({
    changes: await api.connections.refreshOpenapi({ name, operations: operation, tags: tag }),
    http: await api.connections.http({ name }),
  }))
  printOperations(http)
  for (const [word, ids] of [
    ['Added', changes.added],
    ['Removed', changes.removed],
    ['Changed', changes.changed],
  ] as const) {
    if (ids.length > 0) process.stdout.write(`${word}: ${ids.join(', ')}\n`)
  }
}
