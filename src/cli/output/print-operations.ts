import type { HttpDetails } from '../../contract/upstreams/http-connection.ts'
import { printable } from '../../engine/text/visible-text.ts'

/** More tools than this fill much of a model's context before it starts. */
const MAX_COMFORTABLE_TOOLS = 100
const MAX_LISTED = 20

/** Prints how many operations of an OpenAPI document became tools; on stderr, which were left out and why. */
export function printOperations({ base, openapi }: HttpDetails, project = 'PROJECT'): void {
  if (openapi === null) return
  const tools = openapi.operations.filter((one) => one.chosen).length
  const all = openapi.operations.length + openapi.left_out.length
  process.stdout.write(`${tools} of ${all} ${all === 1 ? 'operation' : 'operations'} became tools\n`)
  for (const { operation, reason } of openapi.left_out.slice(0, MAX_LISTED))
    process.stderr.write(`Left out: ${printable(`${operation}: ${reason}`)}\n`)
  const more = openapi.left_out.length - MAX_LISTED
  if (more > 0)
    process.stderr.write(`Left out: ${more} more. See them with: hallpass describe connection NAME -o json\n`)
  const servers = openapi.servers.filter((server) => /^https?:/.test(server))
  if (servers.length > 0 && !servers.some((server) => server.replace(/\/+$/, '') === base))
    process.stderr.write(`The document's server is ${printable(servers[0] ?? '')}. Requests go to ${base}\n`)
  if (tools > MAX_COMFORTABLE_TOOLS)
    process.stderr.write(
      `${tools} tools take much of a model's context. Turn on search mode: hallpass update project ${project} --mode search\n`,
    )
}
