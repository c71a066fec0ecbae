import { revokedText } from '../output/output.ts'
import { withEngine } from '../with-engine.ts'

export async function exclude(name: string, { project }: { project: string }): Promise<void> {
  const ended = await withEngine(({ api }) => api.connections.exclude({ name, project }))
  process.stdout.write(`Removed connection ${name} from project ${project}.${revokedText(ended)}\n`)
}
