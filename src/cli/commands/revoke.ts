import { parseKind, requireProject } from '../flags/options.ts'
import { revokedText } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

export async function revoke(word: string, name: string, { project }: { project?: string }): Promise<void> {
  const kind = parseKind(word, ['token', 'session'])
  const ended = await withEngine(({ api }) =>
    kind === 'token'
      ? api.tokens.revoke({ project: requireProject(project), name })
      : api.sessions.revoke({ id: name }),
  )
  process.stdout.write(`Revoked ${kind === 'token' ? 'token' : 'session token'} ${name}.${revokedText(ended)}\n`)
}
