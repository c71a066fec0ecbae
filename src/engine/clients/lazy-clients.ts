import type { ClientConnections } from './client-connections.ts'
import type { ClientParts } from './create-client-connections.ts'

/** Returns the same connections. Their code and its parsers are loaded on first use. */
export function lazyClients(parts: ClientParts): ClientConnections {
  let loading: Promise<ClientConnections> | undefined
  function clients(): Promise<ClientConnections> {
    loading ??= import('./create-client-connections.ts').then(({ createClientConnections }) =>
      createClientConnections(parts),
    )
    return loading
  }
  return {
    list: async (project, environment) => (await clients()).list(project, environment),
    preview: async (choice, act) => (await clients()).preview(choice, act),
    connect: async (choice) => (await clients()).connect(choice),
    disconnect: async (choice) => (await clients()).disconnect(choice),
  }
}
