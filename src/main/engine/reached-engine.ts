import type { OwnerClient } from '../../control/control-client.ts'

/** An engine that answers: in this process (`running`), or in another one of the same user (`attached`). */
export interface ReachedEngine {
  readonly place: 'running' | 'attached'
  readonly owner: OwnerClient
  /** Resolves with a sentence once the engine no longer answers; never rejects. */
  readonly ended: Promise<string>
  /** running: writes the log's pending rows before returning. attached: leaves that to the other process. */
  flushLog(): void
  /** running: drains and stops it. attached: lets go of it, and it goes on. */
  close(): Promise<void>
}

export interface EngineSources {
  /** Null when none runs. */
  attach(): Promise<ReachedEngine | null>
  /** Null where this program cannot hold an engine itself. */
  start: (() => Promise<ReachedEngine>) | null
}
