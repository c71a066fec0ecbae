import type { Database } from 'better-sqlite3'
import { createProjectsAndConnections } from './0010-projects-and-connections.ts'
import { createTokensAndGrants } from './0020-tokens-and-grants.ts'
import { createRequests } from './0030-requests.ts'

/** In order. A published migration is never edited: what must change comes as a new one. */
const MIGRATIONS: readonly { version: number; apply: (database: Database) => void }[] = [
  { version: 10, apply: createProjectsAndConnections },
  { version: 20, apply: createTokensAndGrants },
  { version: 30, apply: createRequests },
]

/** Highest schema that this version of Hallpass knows. */
export const SCHEMA_VERSION = 30

/** 'HPAS': tells a store of ours from any other SQLite file. */
export const APPLICATION_ID = 0x48504153

/** Brings the schema up to date, each step whole or not at all. */
export function migrate(database: Database): void {
  const current = Number(database.pragma('user_version', { simple: true }))
  for (const { version, apply } of MIGRATIONS) {
    if (version <= current) continue
    database.transaction(() => {
      apply(database)
      database.pragma(`application_id = ${APPLICATION_ID}`)
      database.pragma(`user_version = ${version}`)
    })()
  }
}
