// Logs requests until it is killed, printing each row's id and the time at which open() returned.
import { writeSync } from 'node:fs'
import { systemClock } from '../../../src/engine/clock.ts'
import { createRequestLog } from '../../../src/engine/log/create-request-log.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'

// On its thread from the first batch on, or never.
const minWaitMs = process.argv[3] === 'threaded' ? 0 : Infinity
const store = openStore({ home: process.argv[2] as string, clock: systemClock, logThread: { minWaitMs } })
const strict = process.argv[3] === 'strict'
const log = createRequestLog({
  store,
  clock: systemClock,
  strict: () => strict,
  retention: { days: 30, rows: 1_000_000 },
})
/** Node writes to a pipe without waiting once it has started a thread, so a full one is written to again. */
function print(line: string): void {
  for (;;) {
    try {
      writeSync(1, line)
      return
    } catch (thrown) {
      if (!(thrown instanceof Error && 'code' in thrown && thrown.code === 'EAGAIN')) throw thrown
    }
  }
}

setInterval(() => {
  for (let index = 0; index < 5; index += 1) {
    const row = log.open({ request_id: 'r', transport: 'proxy', method: 'get_records' })
    print(`${row.record.id} ${Date.now()}\n`)
    if (index % 2 === 0) row.close({ status: 200 })
  }
}, 3)
