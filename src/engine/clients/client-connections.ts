import type { ClientPreview, ClientRecord } from '../../contract/records.ts'
import type { Launch, Places } from './known-clients.ts'

/** A client of the owner's and what it is to be connected to; for `connect`, project and token were found to exist. */
export interface ClientChoice {
  /** One of `list`'s ids. */
  client: string
  project: string
  /** Null: none was named, so the project's only local token. */
  token: string | null
  /** `version` of the preview that the owner saw; null when there was none. Anything newer is not written over. */
  seen: string | null
}

/** MCP clients of this machine, connected by writing to their own configurations. Failures are HallpassErrors. */
export interface ClientConnections {
  list(project: string): Promise<ClientRecord[]>
  preview(choice: ClientChoice, act: 'connect' | 'disconnect'): Promise<ClientPreview>
  connect(choice: ClientChoice): Promise<ClientRecord>
  disconnect(choice: ClientChoice): Promise<ClientRecord>
}

/**
 * `launch.command` is the words that start Hallpass, without `stdio …`: an absolute path first, since a client has another PATH than a
 * terminal. `launch.environment` is what a client must add for the command to find this data folder.
 */
export interface ClientLaunch {
  launch: Launch
  places: Places
}
