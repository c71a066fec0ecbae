import { QueryClient, QueryObserver } from '@tanstack/react-query'
import { expect, test } from 'vitest'
import { createRefresh } from '../../src/renderer/lib/refresh-queries.ts'

/** A query that is shown, whose reads end when the test lets them. */
function shown(queries: QueryClient, queryKey: string[]) {
  const reads: PromiseWithResolvers<string>[] = []
  const observer = new QueryObserver(queries, {
    queryKey,
    queryFn: () => {
      const read = Promise.withResolvers<string>()
      reads.push(read)
      return read.promise
    },
  })
  const leave = observer.subscribe(() => undefined)
  return { reads, leave, data: () => observer.getCurrentResult().data }
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve()
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
}

test('a slow read delays no other query of the same key, nor a later change', async () => {
  const queries = new QueryClient()
  const slow = shown(queries, ['connections', 'tables'])
  const quick = shown(queries, ['connections', 'list'])
  const refresh = createRefresh(queries)
  quick.reads[0]?.resolve('first')
  await settle()
  refresh(['connections'])
  await settle()
  quick.reads[1]?.resolve('second')
  await settle()
  expect(quick.data()).toBe('second')
  refresh(['connections'])
  await settle()
  quick.reads[2]?.resolve('third')
  await settle()
  expect(quick.data()).toBe('third')
  expect(slow.data()).toBeUndefined()
  slow.leave()
  quick.leave()
})

test('changes during a read cause one more read after it, however many there were', async () => {
  const queries = new QueryClient()
  const query = shown(queries, ['sessions', 'list'])
  const refresh = createRefresh(queries)
  query.reads[0]?.resolve('before')
  await settle()
  for (let change = 0; change < 5; change += 1) refresh(['sessions'])
  await settle()
  expect(query.reads).toHaveLength(2)
  query.reads[1]?.resolve('stale')
  await settle()
  expect(query.reads).toHaveLength(3)
  query.reads[2]?.resolve('now')
  await settle()
  expect([query.data(), query.reads.length]).toEqual(['now', 3])
  query.leave()
})
