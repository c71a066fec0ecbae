import { withEngine } from '../with-engine.ts'

/** Reads a connection's OpenAPI document again, or chooses other operations of it. */
export async function refresh(name: string, { operation }: { operation?: string[] }): Promise<void> {
  const done = await withEngine(({ api }) => api.connections.refreshOpenapi({ name, operations: operation }))
  process.stdout.write(`${done.operations} operations are tools now\n`)
  for (const [word, ids] of [
    ['added', done.added],
    ['removed', done.removed],
    ['changed', done.changed],
  ] as const) {
    if (ids.length > 0) process.stdout.write(`${word}: ${ids.join(', ')}\n`)
  }
}
