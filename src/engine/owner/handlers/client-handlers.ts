import { HallpassError } from '../../../contract/errors.ts'
import type { ClientChoice, ClientConnections } from '../client-connections.ts'
import { findProject } from '../find-rows.ts'
import type { OwnerDesk } from '../owner-implementer.ts'
import { getToken } from '../token-acts.ts'

export function clientHandlers({ os, parts, acts }: OwnerDesk) {
  function clients(): ClientConnections {
    if (parts.clients === undefined) throw new HallpassError('INVALID_REQUEST', 'Clients cannot be connected from here.')
    return parts.clients
  }

  /** A project and a token that exist: nothing else gets as far as a client's configuration. */
  function choiceOf(input: { client: string; project: string; token?: string | undefined }): ClientChoice {
    const { name } = findProject(parts.store, input.project)
    const token = input.token === undefined ? null : getToken(parts, { project: name, name: input.token }, 'token').name
    return { client: input.client, project: name, token }
  }
  const subject = (input: { client: string; project: string }) => ({ project: input.project, resource: input.client })

  return {
    list: os.clients.list.handler(({ input }) => clients().list(findProject(parts.store, input.project).name)),
    preview: os.clients.preview.handler(({ input }) => clients().preview(choiceOf(input), input.act)),
    connect: os.clients.connect.handler(({ input }) => acts.change('clients.connect', subject(input), () => clients().connect(choiceOf(input)))),
    disconnect: os.clients.disconnect.handler(({ input }) =>
      acts.change('clients.disconnect', subject(input), () => clients().disconnect(choiceOf(input)))),
  }
}
