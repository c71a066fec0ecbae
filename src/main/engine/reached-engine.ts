import type { OwnerClient } from '../../control/control-client.ts'

/** A running engine: in this process (`running`), or in another process of the same user (`attached`). */
export interface ReachedEngine {
  readonly place: 'running' | 'attached'
  readonly owner: OwnerClient
  /** Resolves with a sentence once the engine no longer responds. Never rejects. */
  readonly ended: Promise<string>
  /** running: writes the log's pending rows before returning. attached: leaves that to the other process. */
  flushLog(): void
  /** Drains and stops the engine if it is `running`. If it is `attached`, only disconnects. */
  close(): Promise<void>
}

export interface EngineSources {
  /** Resolves with null if no engine runs. */
  attach(): Promise<ReachedEngine | null>
  /** Null if this program can't run an engine itself. */
  start: (() => Promise<ReachedEngine>) | null
}
