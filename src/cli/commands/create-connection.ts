import { printable } from '../../engine/text/visible-text.ts'
import { resolve } from 'node:path'
import type { ConnectionConfig } from '../../contract/owner-api/connections-api.ts'
import { commandText } from '../configuration/changes-text.ts'
import { usageError } from '../errors.ts'
import { flagName } from '../flags/field-names.ts'
import { HTTP_ONLY, httpConfig, type HttpConnectionFlags } from '../flags/http-connection-flags.ts'
import { MCP_ONLY, mcpConfig, type McpConnectionFlags } from '../flags/mcp-connection-flags.ts'
import { requireOption } from '../flags/options.ts'
import { printOperations } from '../output/print-operations.ts'
import { readSecret, type SecretFlags } from '../flags/secret-input.ts'
import { withEngine } from '../with-engine.ts'

interface ConnectionFlags extends SecretFlags, HttpConnectionFlags, McpConnectionFlags {
  project?: string
  type: 'grist' | 'sqlite' | 'http' | 'mcp'
  doc?: string
  path?: string
  create?: boolean
}

export async function createConnection(name: string, flags: ConnectionFlags): Promise<void> {
  const config = configOf(flags)
  const secret = await readSecret(flags)
  // A program that is about to start is shown in full, wherever its arguments came from.
  if (config.kind === 'mcp' && config.command !== undefined)
    process.stderr.write(`Command to run: ${printable(commandText(config.command, config.args))}\n`)
  const { record, http } = await withEngine(async ({ api }) => {
    const created = await api.connections.create({ name, project: flags.project, config, secret })
    const hasDocument = config.kind === 'http' && config.openapi !== undefined
    return { record: created, http: hasDocument ? await api.connections.http({ name }) : null }
  })
  process.stdout.write(
    `Created connection ${name}${flags.project === undefined ? '' : ` in project ${flags.project}`}\n`,
  )
  if (http !== null) printOperations(http, flags.project)
  if (secret !== undefined) process.stderr.write(`Secret stored in: ${record.secret}\n`)
  if (record.health.state === 'down')
    process.stderr.write(`${printable(record.health.message ?? '')}\nTo sign in, run hallpass sign-in ${name}\n`)
  if (flags.project === undefined)
    process.stderr.write(`It isn't in a project yet. Add it with hallpass include ${name} -p PROJECT\n`)
}

/** Flags for every type with a URL. */
const OF_ALL_URLS: ReadonlySet<string> = new Set(['pin', 'plainHttp'])

function rejectForeign(flags: ConnectionFlags, foreign: readonly (keyof ConnectionFlags)[], rule: string): void {
  const found = foreign.find((flag) => flags[flag] !== undefined)
  if (found !== undefined) throw usageError(`${flagName(found)} ${rule}.`)
}

function configOf(flags: ConnectionFlags): ConnectionConfig {
  if (flags.type === 'mcp') {
    rejectForeign(
      flags,
      [...HTTP_ONLY.filter((flag) => !OF_ALL_URLS.has(flag)), 'doc', 'path', 'create'],
      "can't be used with --type mcp. Use --url or --command",
    )
    return mcpConfig(flags)
  }
  rejectForeign(flags, MCP_ONLY, 'can only be used with --type mcp')
  if (flags.type === 'http') {
    if (flags.doc !== undefined || flags.path !== undefined || flags.create !== undefined)
      throw usageError("--doc, --path and --create can't be used with --type http. Use --url and --auth.")
    return httpConfig(flags)
  }
  const ofHttp = flags.type === 'grist' ? HTTP_ONLY.filter((flag) => !OF_ALL_URLS.has(flag)) : HTTP_ONLY
  rejectForeign(flags, ofHttp, 'can only be used with --type http')
  if (flags.type === 'sqlite') {
    if (flags.url !== undefined || flags.doc !== undefined)
      throw usageError("--url and --doc can't be used with --type sqlite. Use --path.")
    return { kind: 'sqlite', path: resolve(requireOption(flags.path, '--path <file>')), create: flags.create }
  }
  if (flags.path !== undefined || flags.create !== undefined)
    throw usageError("--path and --create can't be used with --type grist. Use --url.")
  return {
    kind: 'grist',
    url: requireOption(flags.url, '--url <url>'),
    doc: flags.doc,
    ...(flags.pin === true ? { pin: true } : {}),
    ...(flags.plainHttp === true ? { plain_http: true } : {}),
  }
}
