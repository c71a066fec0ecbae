/** Every measurement, one after the other: `npm run bench [-- records]`. Rates move with the machine; read the shares. */
import { measureHttpProxy } from './http-proxy.ts'
import { measureHttpStreams } from './http-streams.ts'
import { measureMcpCalls, measureStdioCalls, measureToolLists } from './mcp-calls.ts'
import { measureRequests } from './requests.ts'

const records = Number(process.argv[2] ?? 1_000_000)
console.log('Small requests, 16 connections, beside a bare node:http server in the same run')
console.table(await measureRequests())
console.log('Tool calls of an upstream MCP server, 16 at a time, and the list of 500 tools of ten upstreams')
console.table(await measureMcpCalls())
console.table(await measureStdioCalls())
console.table(await measureToolLists())
const proxied = await measureHttpProxy()
console.log('Requests forwarded to an HTTP API, one at a time, beside the same sent directly and through a bare proxy')
console.table(proxied.one)
console.log('The same over 16 connections')
console.table(proxied.sixteen)
console.log(`${records.toLocaleString('en')} records into the SQLite document and out again, over HTTP`)
console.table(await measureHttpStreams(records))
