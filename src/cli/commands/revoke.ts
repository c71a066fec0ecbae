import { endedText } from '../ended-text.ts'
import { kindOf, requireOption } from '../options.ts'
import { withEngine } from '../with-engine.ts'

export async function revoke(word: string, name: string, { project }: { project?: string }): Promise<void> {
  const kind = kindOf(word, ['token', 'session'])
  const ended = await withEngine(({ api }) =>
    kind === 'token'
      ? api.tokens.revoke({ project: requireOption(project, '-p'), name })
      : api.sessions.revoke({ id: name }),
  )
  process.stdout.write(`${kind} ${name} revoked${endedText(ended)}\n`)
}
