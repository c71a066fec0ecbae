import { readFileSync } from 'node:fs'
import { text } from 'node:stream/consumers'
import { isatty } from 'node:tty'
import { isDeepStrictEqual } from 'node:util'
import type { ConfigurationChange } from '../../contract/configuration.ts'
import { HallpassError } from '../../contract/errors.ts'
import { REACHABLE_WORD } from '../../contract/settings.ts'
import { printable } from '../../engine/text/visible-text.ts'
import type { ControlClient } from '../../control/control-client.ts'
import { changesText, commandLines } from '../configuration/changes-text.ts'
import { readConfiguration } from '../configuration/read-configuration.ts'
import { confirmed } from '../confirmed.ts'
import { usageError } from '../errors.ts'
import { printStructured, revokedText, type Format } from '../output/output.ts'
import { standardInput } from '../standard-input.ts'
import { openTokenFile, type TokenFile } from '../token-file.ts'
import { withEngine } from '../with-engine.ts'

interface ApplyFlags {
  file: string
  dryRun?: boolean
  prune?: boolean
  keepSecret?: boolean
  allowNetwork?: boolean
  yes?: boolean
  tokenFile?: string
  output: Format
}

const MOVE_ADVICE =
  'Name the secret for that address in the file (secret: env:NAME or file:PATH), or use --keep-secret to send the stored one.'
const NETWORK_ADVICE = 'Use --allow-network to allow it.'

type Applied = Awaited<ReturnType<ControlClient['api']['configuration']['apply']>>

/** Makes projects, connections, tokens and settings match a file, completely or not at all. */
export async function apply(flags: ApplyFlags): Promise<void> {
  const { file, dryRun = false, prune = false, keepSecret = false, allowNetwork = false } = flags
  const consent = allowNetwork ? ({ confirm: REACHABLE_WORD } as const) : {}
  const name = file === '-' ? 'stdin' : file
  const { configuration, located } = readConfiguration(await textOf(file), name)
  await withEngine(async ({ api }) => {
    const call = async (dry: boolean): Promise<Applied> => {
      try {
        return await api.configuration.apply({
          configuration,
          prune,
          dry_run: dry,
          keep_secrets: keepSecret,
          ...consent,
        })
      } catch (thrown) {
        const error = located(thrown)
        if (thrown instanceof HallpassError && thrown.reason === 'secret_moves' && error instanceof HallpassError)
          throw usageError(`${error.message}\n${MOVE_ADVICE}`)
        if (thrown instanceof HallpassError && thrown.reason === 'network' && error instanceof HallpassError)
          throw usageError(`${error.message}\n${NETWORK_ADVICE}`)
        throw error
      }
    }
    const planned = await call(true)
    if (dryRun) return printPlan(planned, flags.output)
    const deleted = planned.changes.filter(({ action }) => action === 'delete')
    if (deleted.length > 0 && flags.yes !== true) {
      await confirmDeletion(deleted, file === '-')
      if (!isDeepStrictEqual((await call(true)).changes, planned.changes))
        throw usageError('Something changed in the meantime, so nothing was applied. Run it again.')
    }
    for (const line of commandLines(planned.changes)) process.stderr.write(`Command to run: ${printable(line)}\n`)
    // Opened first, so that no secret is lost because the file can't be written.
    const tokens = flags.tokenFile === undefined ? null : openTokenFile(flags.tokenFile)
    try {
      await printApplied(await call(false), flags.output, tokens)
    } finally {
      tokens?.close()
    }
  })
}

async function textOf(file: string): Promise<string> {
  if (file === '-') return text(standardInput())
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? 'error'
    throw usageError(code === 'ENOENT' ? `${file} doesn't exist.` : `Couldn't read ${file} (${code}).`)
  }
}

async function confirmDeletion(deleted: readonly ConfigurationChange[], isStdinTaken: boolean): Promise<void> {
  const list = deleted.map(({ kind, name }) => `${kind} ${name}`)
  process.stderr.write(list.map((one) => `Delete ${one}\n`).join(''))
  if (isStdinTaken || !isatty(0))
    throw usageError(`--prune would delete the above. Nothing was changed. Add --yes to delete them, or see --dry-run.`)
  await confirmed(
    `Delete ${list.length === 1 ? 'it' : `these ${list.length}`}. Type yes to continue: `,
    'Nothing was changed. Use --yes to skip the question.',
  )
}

async function printPlan(planned: Applied, output: Format): Promise<void> {
  if (output !== 'table') return printStructured(planned, output)
  if (planned.changes.length === 0) process.stdout.write('No changes.\n')
  else process.stdout.write(await changesText(planned.changes))
  printAdvice(planned)
}

const DONE = { create: 'Created', update: 'Updated', delete: 'Deleted' } as const

async function printApplied(applied: Applied, output: Format, tokens: TokenFile | null): Promise<void> {
  const secrets = applied.new_tokens
  for (const { project, name, secret } of tokens === null ? [] : secrets)
    tokens?.write(`${project}/${name} ${secret}\n`)
  if (output !== 'table') {
    await printStructured(tokens === null ? applied : { ...applied, new_tokens: [] }, output)
    return
  }
  if (applied.changes.length === 0) process.stdout.write('No changes.\n')
  for (const { action, kind, name } of applied.changes)
    process.stdout.write(`${DONE[action]} ${kind === 'settings' ? 'settings' : `${kind} ${name}`}\n`)
  if (secrets.length > 0 && tokens === null) {
    process.stderr.write("Copy the secrets of the new tokens now. They won't be shown again.\n")
    for (const { project, name, secret } of secrets) process.stdout.write(`${project}/${name} ${secret}\n`)
  }
  const ended = revokedText(applied).trim()
  if (ended !== '') process.stderr.write(`${ended}\n`)
  printAdvice(applied)
}

function printAdvice({ missing_secrets: missing, moved_secrets: moved, warnings }: Applied): void {
  for (const sentence of moved) process.stderr.write(`${printable(sentence)}\n`)
  if (moved.length > 0) process.stderr.write(`${MOVE_ADVICE}\n`)
  for (const name of missing)
    process.stderr.write(
      `Connection ${name} has no secret yet. Enter it: hallpass update connection ${name} --secret-stdin\n`,
    )
  for (const warning of warnings) process.stderr.write(`${printable(warning)}\n`)
}
