import { withEngine } from '../with-engine.ts'
import { printable } from '../../engine/text/visible-text.ts'

export interface ConnectOptions {
  project: string
  as?: string
  dryRun?: boolean
}

/** Writes an entry for the project into a client's own configuration, or shows what would be written. */
export async function connect(client: string, { project, as: token, dryRun }: ConnectOptions): Promise<void> {
  await withEngine(async ({ api }) => {
    const preview = await api.clients.preview({ client, project, token, act: 'connect' })
    if (dryRun === true) {
      process.stdout.write(previewText(preview))
      return
    }
    const record = await api.clients.connect({ client, project, token, seen: preview.version })
    if (preview.diff === '')
      process.stdout.write(`${record.name} is connected to ${project} already; nothing was written\n`)
    else
      process.stdout.write(
        `${record.name} is connected to ${project}: ${preview.config_path}\nStart ${record.name} again, so that it reads its file.\n`,
      )
    if (record.message !== null) process.stderr.write(`${printable(record.message)}\n`)
  })
}

/** Names in a client's file are of others' making: control characters would drive the terminal. */
export function previewText({ config_path: path, diff }: { config_path: string; diff: string }): string {
  if (diff === '') return `Nothing would change in ${path}\n`
  return diff
    .split('\n')
    .map((line) => printable(line.replaceAll('\t', '    ')))
    .join('\n')
}
