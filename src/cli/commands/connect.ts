import { callerEnvironment } from '../caller-environment.ts'
import { withEngine } from '../with-engine.ts'
import { printable } from '../../engine/text/visible-text.ts'

export interface ConnectOptions {
  project: string
  as?: string
  dryRun?: boolean
}

/** Writes an entry for the project into a client's own configuration, or previews it. */
export async function connect(client: string, { project, as: token, dryRun }: ConnectOptions): Promise<void> {
  await withEngine(async ({ api }) => {
    const choice = { client, project, token, environment: callerEnvironment() }
    const preview = await api.clients.preview({ ...choice, act: 'connect' })
    if (dryRun === true) {
      process.stdout.write(previewText(preview))
      return
    }
    const record = await api.clients.connect({ ...choice, seen: preview.version })
    if (preview.diff === '')
      process.stdout.write(`${record.name} is already connected to project ${project}. Nothing was changed.\n`)
    else
      process.stdout.write(
        `Connected ${record.name} to project ${project} (${preview.config_path}).\nRestart ${record.name} to load the change.\n`,
      )
    if (record.message !== null) process.stderr.write(`${printable(record.message)}\n`)
  })
}

/** Other programs chose the names in a client's file, so control characters in them are replaced. */
export function previewText({ config_path: path, diff }: { config_path: string; diff: string }): string {
  if (diff === '') return `No changes in ${path}\n`
  return diff
    .split('\n')
    .map((line) => printable(line.replaceAll('\t', '    ')))
    .join('\n')
}
