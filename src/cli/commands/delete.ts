import { endedText } from '../ended-text.ts'
import { kindOf, requireOption } from '../options.ts'
import { withEngine } from '../with-engine.ts'

export async function deleteOne(word: string, name: string, { project }: { project?: string }): Promise<void> {
  const kind = kindOf(word, ['project', 'connection', 'token'])
  const ended = await withEngine(({ api }) => {
    if (kind === 'project') return api.projects.delete({ name })
    if (kind === 'connection') return api.connections.delete({ name })
    return api.tokens.delete({ project: requireOption(project, '-p'), name })
  })
  process.stdout.write(`${kind} ${name} deleted${endedText(ended)}\n`)
}
