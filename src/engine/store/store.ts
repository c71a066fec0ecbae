import type { Directory } from './directory.ts'
import type { PayloadStore } from './requests/payload-store.ts'
import type { RequestStore } from './requests/request-store.ts'

/** One SQLite file: the directory, which is synchronous, and the request log's table, which is asynchronous. */
export interface Store extends Directory {
  readonly file: string
  /** Notices for the owner about the opening, for example that a damaged file was moved aside. */
  readonly notices: readonly string[]
  readonly requests: RequestStore
  readonly payloads: PayloadStore
  /** Writes a backup to a new file, with the other files of the data folder. Throws INVALID_REQUEST if it can't. */
  backUp(path: string): Promise<{ bytes: number }>
  close(): void
}
