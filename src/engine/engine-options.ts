import type { Clock } from './clock.ts'

export interface EngineOptions {
  /** Data folder; made with mode 0700. */
  home: string
  host?: string
  /** Default 7717; 0 picks a free one (tests). */
  port?: number
  vaultKey?: string
  logLevel?: string
  clock?: Clock
  /** Makes the sample project at first start; default true. */
  sample?: boolean
}
