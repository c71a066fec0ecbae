import { usageError } from '../errors.ts'
import { withEngine } from '../with-engine.ts'

export async function updateProject(
  name: string,
  { mode, passThrough }: { mode?: 'all' | 'search'; passThrough?: string },
): Promise<void> {
  if (mode === undefined && passThrough === undefined) throw usageError('Say what changes: --mode or --pass-through.')
  const project = await withEngine(({ api }) =>
    api.projects.update({
      name,
      ...(mode === undefined ? {} : { mode }),
      ...(passThrough === undefined ? {} : { pass_through: passThrough === 'none' ? null : passThrough }),
    }),
  )
  const shows =
    project.pass_through === null
      ? project.mode === 'all'
        ? 'all tools'
        : 'three tools to search by'
      : `connection ${project.pass_through}, with its own names`
  process.stdout.write(`project ${name} shows MCP clients ${shows}\n`)
}
