import { signalOf, type OwnerDesk } from '../owner-implementer.ts'

/** Handlers for connections of kind http. */
export function httpHandlers({ os, parts, actions }: OwnerDesk) {
  const { http } = parts.connectors
  return {
    http: os.connections.http.handler(({ input }) => http.details(input.name)),
    inspectOpenapi: os.connections.inspectOpenapi.handler(({ input, signal }) => http.inspect(input, signalOf(signal))),
    refreshOpenapi: os.connections.refreshOpenapi.handler(({ input, signal }) =>
      actions.change('connections.refreshOpenapi', { connection: input.name }, () =>
        http.refresh(input.name, { ids: input.operations, tags: input.tags }, signalOf(signal)),
      ),
    ),
  }
}
