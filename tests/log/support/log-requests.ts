// Logs requests until it is killed, printing each row's id and the time at which open() returned.
import { writeSync } from 'node:fs'
import { systemClock } from '../../../src/engine/clock.ts'
import { createRequestLog } from '../../../src/engine/log/create-request-log.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'

const store = openStore({ home: process.argv[2] as string, clock: systemClock })
const strict = process.argv[3] === 'strict'
const log = createRequestLog({
  store,
  clock: systemClock,
  strict: () => strict,
  retention: { days: 30, rows: 1_000_000 },
})
setInterval(() => {
  for (let index = 0; index < 5; index += 1) {
    const row = log.open({ request_id: 'r', transport: 'proxy', method: 'get_records' })
    writeSync(1, `${row.record.id} ${Date.now()}\n`)
    if (index % 2 === 0) row.close({ status: 200 })
  }
}, 3)
