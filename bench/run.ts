/** Every measurement, one after the other: `npm run bench [-- records]`. Rates move with the machine; read the shares. */
import { measureHttpStreams } from './http-streams.ts'
import { measureRequests } from './requests.ts'

const records = Number(process.argv[2] ?? 1_000_000)
console.log('Small requests, 16 connections, beside a bare node:http server in the same run')
console.table(await measureRequests())
console.log(`${records.toLocaleString('en')} records into the SQLite document and out again, over HTTP`)
console.table(await measureHttpStreams(records))
