import { resolve } from 'node:path'
import type { ConnectionEntry } from '../../contract/configuration.ts'
import { HallpassError } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { printable } from '../../engine/text/visible-text.ts'
import { changesText } from '../configuration/changes-text.ts'
import { usageError } from '../errors.ts'
import { flagName } from '../flags/field-names.ts'
import { HTTP_ONLY, httpConfig } from '../flags/http-connection-flags.ts'
import { MCP_ONLY, mcpConfig, type McpConnectionFlags } from '../flags/mcp-connection-flags.ts'
import { removableFlag, REMOVABLE, settingName, type SettingFlags } from '../flags/removable-settings.ts'
import { readSecret, type SecretFlags } from '../flags/secret-input.ts'
import { withEngine } from '../with-engine.ts'

type UpdateFlags = SecretFlags & SettingFlags & { unset?: string[]; keepSecret?: boolean; dryRun?: boolean }

/** Options that each kind of connection takes. */
const TAKEN: Readonly<Record<ConnectionEntry['kind'], readonly (keyof SettingFlags)[]>> = {
  grist: ['url', 'doc', 'pin', 'plainHttp'],
  sqlite: ['path'],
  http: ['url', ...HTTP_ONLY],
  mcp: ['url', 'pin', 'plainHttp', ...MCP_ONLY.filter((flag) => flag !== 'passThrough')],
}

/** Changes the settings of a connection or replaces its secret. The result is tested before it is saved, and every grant stays. */
export async function updateConnection(name: string, flags: UpdateFlags): Promise<void> {
  const { secretStdin: _in, secretRef: _ref, unset = [], keepSecret = false, dryRun = false, ...settings } = flags
  const changes = Object.keys(settings) as (keyof SettingFlags)[]
  const removed = unset.map(removableFlag)
  const both = removed.find((flag) => changes.includes(flag))
  if (both !== undefined) throw usageError(`${flagName(both)} can't be combined with --unset ${settingName(both)}.`)
  const secret = await readSecret(flags)
  const isSecretOnly = changes.length === 0 && removed.length === 0
  if (secret === undefined && isSecretOnly)
    throw usageError('Nothing to update. Use --url, --rule, --secret-stdin or another option of this command.')
  if (isSecretOnly && secret !== undefined && !dryRun) {
    const record = await withEngine(({ api }) => api.connections.replaceSecret({ name, secret }))
    process.stdout.write(`Replaced the secret of connection ${name}. Stored in: ${record.secret}\n`)
    return
  }
  await withEngine(async ({ api }) => {
    const before = await entryOf(api, name)
    const foreign = [...changes, ...removed].find((flag) => !TAKEN[before.kind].includes(flag))
    if (foreign !== undefined)
      throw usageError(`${flagName(foreign)} can't be used with ${name}, which is of kind ${before.kind}.`)
    const after: Record<string, unknown> = { ...merged(without(before, settings, removed), settings) }
    if (secret !== undefined && 'ref' in secret) after['secret'] = secret.ref
    const configuration = { version: 1 as const, connections: { [name]: after as ConnectionEntry } }
    const secrets = secret !== undefined && 'value' in secret ? { [name]: secret } : undefined
    const applied = await api.configuration
      .apply({ configuration, dry_run: dryRun, secrets, keep_secrets: keepSecret })
      .catch((thrown: unknown) => {
        throw withConfigField(thrown, name)
      })
    process.stdout.write(await changesText(applied.changes))
    if (!dryRun) {
      const isSame = applied.changes.length === 0 && secrets === undefined
      process.stdout.write(isSame ? 'No changes.\n' : `Updated connection ${name}\n`)
    }
    for (const sentence of [...applied.moved_secrets, ...applied.warnings])
      process.stderr.write(`${printable(sentence)}\n`)
    for (const missing of applied.missing_secrets)
      process.stderr.write(`It has no secret yet: hallpass update connection ${missing} --secret-stdin\n`)
  })
}

/** Returns the entry without the settings that the options remove. */
function without(
  before: ConnectionEntry,
  settings: SettingFlags,
  removed: readonly (keyof SettingFlags)[],
): ConnectionEntry {
  const off = Object.entries(settings).flatMap(([flag, value]) => (value === false ? [flag as keyof SettingFlags] : []))
  // Left out, the stored secret stays, but only for the address that it was stored for.
  const keys: string[] = ['secret', ...[...removed, ...off].flatMap((flag) => REMOVABLE[flag] ?? [])]
  return Object.fromEntries(Object.entries(before).filter(([key]) => !keys.includes(key))) as ConnectionEntry
}

async function entryOf(api: OwnerClient, name: string): Promise<ConnectionEntry> {
  await api.connections.get({ name })
  const { configuration } = await api.configuration.export({})
  const entry = configuration.connections?.[name]
  if (entry === undefined) throw usageError(`Connection "${name}" was deleted.`)
  return entry
}

/** Returns the entry with what the options say. Options that weren't given change nothing. */
function merged(before: ConnectionEntry, flags: SettingFlags): Record<string, unknown> {
  switch (before.kind) {
    case 'sqlite':
      return { ...before, ...(flags.path === undefined ? {} : { path: resolve(flags.path) }) }
    case 'grist': {
      const { url, doc, pin, plainHttp } = flags
      // The address of another document doesn't go with the old ID.
      const { doc: oldDoc, ...rest } = before
      const newDoc = doc ?? (url === undefined ? oldDoc : undefined)
      return {
        ...rest,
        ...(url === undefined ? {} : { url }),
        ...(newDoc === undefined ? {} : { doc: newDoc }),
        ...(pin === true ? { pin } : {}),
        ...(plainHttp === true ? { plain_http: true } : {}),
      }
    }
    case 'http': {
      const { auth, ...config } = httpConfig({ ...flags, url: flags.url ?? before.url })
      return { ...before, ...config, ...(flags.auth === undefined ? {} : { auth }) }
    }
    case 'mcp': {
      const { url, command, ...rest } = before
      const isOther =
        (flags.url !== undefined && url === undefined) || (flags.command !== undefined && command === undefined)
      if (isOther)
        throw usageError(
          "A server at a URL can't become a command, or the other way around. Create another connection.",
        )
      const target = url === undefined ? { command: flags.command ?? command } : { url: flags.url ?? url }
      return { ...rest, ...mcpConfig({ ...flags, ...target } as McpConnectionFlags) }
    }
  }
}

/** Errors name the field as `create connection` does. */
function withConfigField(thrown: unknown, name: string): unknown {
  const prefix = `configuration.connections.${name}`
  if (!(thrown instanceof HallpassError) || thrown.field?.startsWith(prefix) !== true) return thrown
  return thrown.reworded(thrown.message, { field: `config${thrown.field.slice(prefix.length)}` })
}
