import { resolve } from 'node:path'
import { withEngine } from '../with-engine.ts'

/** Writes a backup while the engine runs. */
export async function backup(file: string): Promise<void> {
  const { path, bytes } = await withEngine(({ api }) => api.backUp({ path: resolve(file) }))
  process.stdout.write(`Wrote ${path} (${Math.ceil(bytes / 1024).toLocaleString('en')} KiB)\n`)
  process.stderr.write(
    'It contains the request log, hashes of tokens and, encrypted, the secrets of the vault file. Keep it private.\n',
  )
}
