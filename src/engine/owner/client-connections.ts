import type { ClientPreview, ClientRecord } from '../../contract/records.ts'

/** A client of the owner's and what it is to be connected to; project and token were found to exist. */
export interface ClientChoice {
  /** One of `list`'s ids. */
  client: string
  project: string
  /** Null: none was named, so the project's only local token. */
  token: string | null
}

/** MCP clients of this machine, connected by writing to their own configurations. Failures are HallpassErrors. */
export interface ClientConnections {
  list(project: string): Promise<ClientRecord[]>
  preview(choice: ClientChoice, act: 'connect' | 'disconnect'): Promise<ClientPreview>
  connect(choice: ClientChoice): Promise<ClientRecord>
  disconnect(choice: ClientChoice): Promise<ClientRecord>
}
