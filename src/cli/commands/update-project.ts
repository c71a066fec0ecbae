import { usageError } from '../errors.ts'
import { withEngine } from '../with-engine.ts'

export async function updateProject(
  name: string,
  { mode, passThrough }: { mode?: 'all' | 'search'; passThrough?: string },
): Promise<void> {
  if (mode === undefined && passThrough === undefined)
    throw usageError('Nothing to update. Use --mode or --pass-through.')
  const project = await withEngine(({ api }) =>
    api.projects.update({
      name,
      ...(mode === undefined ? {} : { mode }),
      ...(passThrough === undefined ? {} : { pass_through: passThrough === 'none' ? null : passThrough }),
    }),
  )
  const shown =
    project.pass_through !== null
      ? `pass-through of ${project.pass_through}`
      : project.mode === 'all'
        ? 'all tools'
        : 'search mode'
  process.stdout.write(`Updated project ${name}. Tools shown to MCP clients: ${shown}\n`)
}
