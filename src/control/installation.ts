import type { StartWorker } from '../engine/documents/sqlite/worker-process.ts'

/**
 * How a command line inside the desktop app differs from one under plain Node. Commands are a program and its
 * arguments.
 */
export interface Installation {
  /** Starts an engine that keeps running after the command exits. */
  engine: readonly string[]
  /**
   * Starts the command line from an MCP client's configuration, without `stdio …`. Undefined if this copy of the app
   * has no permanent location.
   */
  client: readonly string[] | undefined
  /** Starts the workers of SQLite documents where plain Node can't be forked. */
  startWorker: StartWorker
}
