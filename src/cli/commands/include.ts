import { endedText } from '../ended-text.ts'
import { withEngine } from '../with-engine.ts'

export async function include(name: string, { project }: { project: string }): Promise<void> {
  await withEngine(({ api }) => api.connections.include({ name, project }))
  process.stdout.write(`connection ${name} included in project ${project}\n`)
}

export async function exclude(name: string, { project }: { project: string }): Promise<void> {
  const ended = await withEngine(({ api }) => api.connections.exclude({ name, project }))
  process.stdout.write(`connection ${name} excluded from project ${project}${endedText(ended)}\n`)
}
