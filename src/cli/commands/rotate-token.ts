import { withEngine } from '../with-engine.ts'

/** Prints the new secret to stdout, alone and once. */
export async function rotateToken(
  name: string,
  { project, overlap }: { project: string; overlap?: string },
): Promise<void> {
  const { secret } = await withEngine(({ api }) =>
    api.tokens.rotate({ project, name, ...(overlap === undefined ? {} : { overlap }) }),
  )
  const old =
    overlap === undefined
      ? 'The old secret and its session tokens no longer work.'
      : `The old secret works for ${overlap} more.`
  process.stderr.write(`Rotated the secret of token ${name}. ${old} Copy the new one now. It won't be shown again.\n`)
  process.stdout.write(`${secret}\n`)
}
