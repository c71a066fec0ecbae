import { parseKind, requireProject } from '../flags/options.ts'
import { withEngine } from '../with-engine.ts'

const FOLLOW_UP = {
  project: 'Its MCP endpoint has the new name too. Connect clients again with hallpass connect CLIENT -p',
  connection: 'Its tools have new names. Scripts that name the connection need the new one:',
  token: 'Clients that start hallpass stdio --as need the new name:',
} as const

/** Renames a project, connection or token. Grants follow. Session tokens carry the name of their project and token, so they end. */
export async function rename(
  word: string,
  name: string,
  newName: string,
  { project }: { project?: string },
): Promise<void> {
  const kind = parseKind(word, ['project', 'connection', 'token']) as keyof typeof FOLLOW_UP
  const of = kind === 'token' ? requireProject(project) : ''
  await withEngine<unknown>(({ api }) => {
    if (kind === 'project') return api.projects.rename({ name, new_name: newName })
    if (kind === 'connection') return api.connections.rename({ name, new_name: newName })
    return api.tokens.rename({ project: of, name, new_name: newName })
  })
  process.stdout.write(`Renamed ${kind} ${name} to ${newName}\n`)
  process.stderr.write(`${FOLLOW_UP[kind]} ${newName}\n`)
}
