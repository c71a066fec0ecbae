import { invalidRequest } from '../../contract/errors.ts'
import type { OwnerClient } from '../../control/control-client.ts'
import { callerEnvironment } from '../caller-environment.ts'
import { usageError } from '../errors.ts'
import { withEngine } from '../with-engine.ts'
import { previewText } from './connect.ts'

interface DisconnectOptions {
  project?: string
  dryRun?: boolean
}

/** Removes Hallpass from a client's configuration: the entry of one project, or every entry, those of deleted projects included. */
export async function disconnect(client: string, { project, dryRun }: DisconnectOptions): Promise<void> {
  const environment = callerEnvironment()
  await withEngine(async ({ api }) => {
    for (const one of project === undefined ? await connectedProjects(api, client) : [project]) {
      const choice = { client, project: one, environment }
      const preview = await api.clients.preview({ ...choice, act: 'disconnect' })
      if (dryRun === true) {
        process.stdout.write(previewText(preview))
        continue
      }
      const { name } = await api.clients.disconnect({ ...choice, seen: preview.version })
      process.stdout.write(`Disconnected ${name} from project ${one} (${preview.config_path})\n`)
    }
  })
}

async function connectedProjects(api: OwnerClient, client: string): Promise<string[]> {
  const [first] = await api.projects.list()
  if (first === undefined) throw usageError('No projects. To remove the entry of a deleted project, name it with -p.')
  const clients = await api.clients.list({ project: first.name, environment: callerEnvironment() })
  const found = clients.find(({ id }) => id === client)
  if (found === undefined)
    throw usageError(`Unknown client "${client}". Supported clients: ${clients.map(({ id }) => id).join(', ')}.`)
  if (found.state === 'unreadable')
    throw invalidRequest(
      `Couldn't read the configuration of ${found.name} (${found.config_path}). ${found.message ?? ''} Nothing was changed.`,
    )
  if (found.projects.length === 0)
    throw usageError(
      `${found.name} isn't connected to any project. To remove the entry of a deleted project, name it with -p.`,
    )
  return found.projects
}
