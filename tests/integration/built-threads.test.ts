import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, it } from 'vitest'
import { systemClock } from '../../src/engine/clock.ts'
import { createRequestLog } from '../../src/engine/log/create-request-log.ts'
import { opening } from '../log/support/open-log.ts'
import { dataFolders } from '../store/support/data-folders.ts'

const { folder, open } = dataFolders()
/** A file of the bundle. The threads are beside each of them. */
const CHUNK = pathToFileURL(join(import.meta.dirname, '../../dist/engine.js')).href

it("writes the log on the bundle's thread", async () => {
  const store = open(folder(), {
    clock: systemClock,
    logThread: { minWaitMs: 0, code: { name: 'log-worker', from: CHUNK } },
  })
  const log = createRequestLog({
    store,
    clock: systemClock,
    strict: () => false,
    retention: { days: 30, rows: 1_000_000 },
  })
  log.open(opening).close({ status: 200 })
  await expect.poll(() => store.requests.canStart, { timeout: 10_000 }).toBe(true)
  for (let index = 0; index < 500; index += 1) log.open(opening).close({ status: 200 })
  // On its way.
  expect(store.requests.canStart).toBe(false)
  await expect.poll(() => store.requests.canStart, { timeout: 10_000 }).toBe(true)
  expect(await store.requests.requestBounds()).toEqual({ first_id: 1, last_id: 501, rows: 501 })
  log.close()
})
