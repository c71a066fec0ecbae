import { HallpassError } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { usageError } from '../errors.ts'
import { withEngine } from '../with-engine.ts'
import { previewText } from './connect.ts'

export interface DisconnectOptions {
  project?: string
  dryRun?: boolean
}

/** Takes Hallpass out of a client's configuration: the entry of one project, or those of all. */
export async function disconnect(client: string, { project, dryRun }: DisconnectOptions): Promise<void> {
  await withEngine(async ({ api }) => {
    for (const one of project === undefined ? await connectedProjects(api, client) : [project]) {
      const preview = await api.clients.preview({ client, project: one, act: 'disconnect' })
      if (dryRun === true) {
        process.stdout.write(previewText(preview))
        continue
      }
      const { name } = await api.clients.disconnect({ client, project: one, seen: preview.version })
      process.stdout.write(`${name} is no longer connected to ${one}: ${preview.config_path}\n`)
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
      throw usageError(
        `client: there is no client named “${client}”; known are ${clients.map(({ id }) => id).join(', ')}.`,
      )
    if (found.state === 'unreadable')
      throw new HallpassError(
        'INVALID_REQUEST',
        `${found.name} was left as it is: its configuration ${found.config_path} cannot be read. ${found.message ?? ''}`,
      )
    if (found.state === 'connected' || found.state === 'drifted') connected.push(project.name)
    name = found.name
  }
  if (connected.length === 0)
    throw usageError(`${name} is connected to no project. The entry of a project that is gone is taken out with -p.`)
  return connected
}
