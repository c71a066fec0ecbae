import { HallpassError } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { usageError } from '../errors.ts'
import { withEngine } from '../with-engine.ts'
import { previewText } from './connect.ts'

export interface DisconnectOptions {
  project?: string
  dryRun?: boolean
}

/** Removes Hallpass from a client's configuration: the entry of one project, or of all. */
export async function disconnect(client: string, { project, dryRun }: DisconnectOptions): Promise<void> {
  await withEngine(async ({ api }) => {
    for (const one of project === undefined ? await connectedProjects(api, client) : [project]) {
      const preview = await api.clients.preview({ client, project: one, act: 'disconnect' })
      if (dryRun === true) {
        process.stdout.write(previewText(preview))
        continue
      }
      const { name } = await api.clients.disconnect({ client, project: one, seen: preview.version })
      process.stdout.write(`Disconnected ${name} from project ${one} (${preview.config_path})\n`)
    }
  })
}

async function connectedProjects(api: OwnerClient, client: string): Promise<string[]> {
  const connected: string[] = []
  let name = client
  for (const project of await api.projects.list()) {
    const clients = await api.clients.list({ project: project.name })
    const found = clients.find(({ id }) => id === client)
    if (found === undefined)
      throw usageError(`Unknown client "${client}". Supported clients: ${clients.map(({ id }) => id).join(', ')}.`)
    if (found.state === 'unreadable')
      throw new HallpassError(
        'INVALID_REQUEST',
        `Couldn't read the configuration of ${found.name} (${found.config_path}). ${found.message ?? ''} Nothing was changed.`,
      )
    if (found.state === 'connected' || found.state === 'drifted') connected.push(project.name)
    name = found.name
  }
  if (connected.length === 0)
    throw usageError(
      `${name} isn't connected to any project. To remove the entry of a deleted project, name it with -p.`,
    )
  return connected
}
