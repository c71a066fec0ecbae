import { HallpassError } from '../../../contract/errors.ts'
import type {
  CallerEnvironment,
  ClientChoice,
  ClientConnections,
  ClientEntry,
} from '../../clients/client-connections.ts'
import { countShownTools } from '../clients/count-shown-tools.ts'
import { withSightings } from '../clients/with-sightings.ts'
import { findProject } from '../find-rows.ts'
import type { OwnerDesk } from '../owner-implementer.ts'
import { getToken } from '../token-actions.ts'

interface Input {
  client: string
  project: string
  token?: string | undefined
  seen?: string | undefined
  environment?: CallerEnvironment | undefined
}

export function clientHandlers({ os, parts, actions }: OwnerDesk) {
  function clients(): ClientConnections {
    if (parts.clients === undefined)
      throw new HallpassError(
        'INVALID_REQUEST',
        "This copy of Hallpass runs from a temporary location, so clients couldn't find it later. Install Hallpass, then try again.",
      )
    return parts.clients
  }

  /** The project and token must exist before they are written to a client's configuration. */
  async function toConnect(input: Input): Promise<ClientChoice> {
    const { name } = findProject(parts.store, input.project)
    const token =
      input.token === undefined ? null : (await getToken(parts, { project: name, name: input.token }, 'token')).name
    const { client, seen, environment } = input
    return { client, project: name, token, seen: seen ?? null, environment: environment ?? null }
  }
  /** Entries can outlive their project, and must still be removable. */
  function toDisconnect({ client, project, seen, environment }: Input): ClientChoice {
    return { client, project, token: null, seen: seen ?? null, environment: environment ?? null }
  }
  async function changed(input: Input, entry: 'written' | null, change: () => Promise<ClientEntry>) {
    const record = await change()
    parts.sightings.wrote(input.project, input.client, entry)
    return withSightings(parts, input.project, [record])[0]!
  }
  const subject = (input: { client: string; project: string }) => ({ project: input.project, resource: input.client })

  return {
    list: os.clients.list.handler(async ({ input }) => {
      const { name } = findProject(parts.store, input.project)
      return withSightings(parts, name, await clients().list(name, input.environment ?? null))
    }),
    toolsShown: os.clients.toolsShown.handler(({ input }) => countShownTools(parts, input)),
    preview: os.clients.preview.handler(async ({ input }) =>
      clients().preview(input.act === 'connect' ? await toConnect(input) : toDisconnect(input), input.act),
    ),
    connect: os.clients.connect.handler(({ input }) =>
      actions.change('clients.connect', subject(input), () =>
        changed(input, 'written', async () => clients().connect(await toConnect(input))),
      ),
    ),
    disconnect: os.clients.disconnect.handler(({ input }) =>
      actions.change('clients.disconnect', subject(input), () =>
        changed(input, null, () => clients().disconnect(toDisconnect(input))),
      ),
    ),
    restore: os.clients.restore.handler(({ input }) =>
      actions.change('clients.restore', subject(input), () =>
        changed(input, 'written', () => clients().restore(toDisconnect(input))),
      ),
    ),
  }
}
