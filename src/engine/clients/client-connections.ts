import type { ClientParts } from './create-client-connections.ts'
import type { CLIENT_FOLDER_VARIABLES } from '../../contract/owner-api/clients-api.ts'
import type { ClientPreview, ClientRecord } from '../../contract/records.ts'
import type { Launch, Places } from './client-folders.ts'

export type CallerEnvironment = Readonly<Partial<Record<(typeof CLIENT_FOLDER_VARIABLES)[number], string | undefined>>>

/** A client and what to connect it to. For `connect`, project and token are known to exist. */
export interface ClientChoice {
  /** An ID from `list`. */
  client: string
  project: string
  /** Null uses the project's only local token. */
  token: string | null
  /** The caller's environment variables that change a client's folder. Null uses the engine's. */
  environment: CallerEnvironment | null
  /**
   * `version` of the preview that the owner confirmed, or null. If the file has changed since, it isn't overwritten.
   */
  seen: string | null
}

/** What a client's configuration says. When it was seen is known elsewhere. */
export type ClientEntry = Omit<
  ClientRecord,
  'version' | 'last_seen_at' | 'reports_as' | 'sessions_open' | 'restart_needed'
>

/** Connects MCP clients of this computer by editing their own configurations. Failures are HallpassErrors. */
export interface ClientConnections {
  list(project: string, environment: CallerEnvironment | null): Promise<ClientEntry[]>
  preview(choice: ClientChoice, act: 'connect' | 'disconnect'): Promise<ClientPreview>
  connect(choice: ClientChoice): Promise<ClientEntry>
  disconnect(choice: ClientChoice): Promise<ClientEntry>
  /**
   * Puts back the file that had another entry for the project before the last `connect` since the start. Throws
   * INVALID_REQUEST with `config_changed` if there is none, or if the file isn't as `connect` left it.
   */
  restore(choice: ClientChoice): Promise<ClientEntry>
}

/**
 * `launch.command` starts Hallpass, without `stdio …`. It begins with an absolute path, because a client has another PATH than a
 * terminal. `launch.environment` is what the client must set so that the command finds this data folder.
 */
export interface ClientLaunch {
  launch: Launch
  places: Places
}

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
    restore: async (choice) => (await clients()).restore(choice),
  }
}
