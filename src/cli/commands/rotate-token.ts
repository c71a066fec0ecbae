import { withEngine } from '../with-engine.ts'

/** Prints the new secret to stdout, alone and once. */
export async function rotateToken(name: string, { project }: { project: string }): Promise<void> {
  const { secret } = await withEngine(({ api }) => api.tokens.rotate({ project, name }))
  process.stderr.write(
    `Rotated the secret of token ${name}. The old secret and its session tokens no longer work. Copy the new one now. It won't be shown again.\n`,
  )
  process.stdout.write(`${secret}\n`)
}
