import { withEngine } from '../with-engine.ts'

export async function include(name: string, { project }: { project: string }): Promise<void> {
  await withEngine(({ api }) => api.connections.include({ name, project }))
  process.stdout.write(`Added connection ${name} to project ${project}\n`)
}
