import type { StartWorker } from '../engine/documents/sqlite/worker-process.ts'

/** What a command line inside the desktop app does otherwise than one under plain Node. Words are a program and its arguments. */
export interface Installation {
  /** Start an engine that outlives the verb. */
  engine: readonly string[]
  /** Start the command line from an MCP client's configuration, without `stdio …`; undefined where nothing lasting does. */
  client: readonly string[] | undefined
  /** Workers of SQLite documents, where plain Node cannot be forked. */
  startWorker: StartWorker
}
