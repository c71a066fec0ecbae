import { resolve } from 'node:path'
import type { ConnectionConfig } from '../../contract/owner-api.ts'
import { usageError } from '../errors.ts'
import { HTTP_ONLY, httpConfig, type HttpConnectionFlags } from '../http-connection-flags.ts'
import { MCP_ONLY, mcpConfig, type McpConnectionFlags } from '../mcp-connection-flags.ts'
import { requireOption } from '../options.ts'
import { printOperations } from '../printed-operations.ts'
import { readSecret, type SecretFlags } from '../secret-input.ts'
import { withEngine } from '../with-engine.ts'
import { printable } from '../../engine/text/visible-text.ts'

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
  // Whoever starts a program should see all of it, wherever the words came from.
  if (config.kind === 'mcp' && config.command !== undefined)
    process.stderr.write(
      `Starts: ${printable([config.command, ...(config.args ?? [])].map((part) => JSON.stringify(part)).join(' '))}\n`,
    )
  const { record, http } = await withEngine(async ({ api }) => {
    const created = await api.connections.create({ name, project: flags.project, config, secret })
    const hasDocument = config.kind === 'http' && config.openapi !== undefined
    return { record: created, http: hasDocument ? await api.connections.http({ name }) : null }
  })
  process.stdout.write(
    `connection ${name} created${flags.project === undefined ? '' : ` in project ${flags.project}`}\n`,
  )
  if (http !== null) printOperations(http, flags.project)
  if (secret !== undefined) process.stderr.write(`Its secret is kept in: ${record.secret}\n`)
  if (record.health.state === 'down')
    process.stderr.write(`${printable(record.health.message ?? '')} Next: hallpass sign-in ${name}\n`)
  if (flags.project === undefined)
    process.stderr.write(`No project uses it yet. Next: hallpass include ${name} -p PROJECT\n`)
}

function refuseForeign(flags: ConnectionFlags, foreign: readonly (keyof ConnectionFlags)[], whose: string): void {
  const found = foreign.find((flag) => flags[flag] !== undefined)
  if (found !== undefined)
    throw usageError(`--${found.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} belongs to ${whose}.`)
}

function configOf(flags: ConnectionFlags): ConnectionConfig {
  if (flags.type === 'mcp') {
    refuseForeign(
      flags,
      [...HTTP_ONLY.filter((flag) => flag !== 'pin'), 'doc', 'path', 'create'],
      'another kind: an mcp connection takes --url or --command',
    )
    return mcpConfig(flags)
  }
  refuseForeign(flags, MCP_ONLY, '--type mcp')
  if (flags.type === 'http') {
    if (flags.doc !== undefined || flags.path !== undefined || flags.create !== undefined)
      throw usageError(
        '--doc belongs to --type grist, --path and --create to --type sqlite; an http connection takes --url and --auth.',
      )
    return httpConfig(flags)
  }
  refuseForeign(flags, HTTP_ONLY, '--type http')
  if (flags.type === 'sqlite') {
    if (flags.url !== undefined || flags.doc !== undefined)
      throw usageError('--url and --doc belong to --type grist; a sqlite connection takes --path.')
    return { kind: 'sqlite', path: resolve(requireOption(flags.path, '--path')), create: flags.create }
  }
  if (flags.path !== undefined || flags.create !== undefined)
    throw usageError('--path and --create belong to --type sqlite; a grist connection takes --url.')
  return { kind: 'grist', url: requireOption(flags.url, '--url'), doc: flags.doc }
}
