import { withEngine } from '../with-engine.ts'

export async function createProject(name: string): Promise<void> {
  await withEngine(({ api }) => api.projects.create({ name }))
  process.stdout.write(`Created project ${name}\n`)
}
