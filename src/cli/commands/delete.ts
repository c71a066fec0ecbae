import { parseKind, requireProject } from '../options.ts'
import { revokedText } from '../output.ts'
import { withEngine } from '../with-engine.ts'

export async function deleteRecord(word: string, name: string, { project }: { project?: string }): Promise<void> {
  const kind = parseKind(word, ['project', 'connection', 'token'])
  const ended = await withEngine(({ api }) => {
    if (kind === 'project') return api.projects.delete({ name })
    if (kind === 'connection') return api.connections.delete({ name })
    return api.tokens.delete({ project: requireProject(project), name })
  })
  process.stdout.write(`Deleted ${kind} ${name}.${revokedText(ended)}\n`)
}
