import type { Database } from 'better-sqlite3'
import { createProjectsAndConnections } from './0010-projects-and-connections.ts'
import { createTokensAndGrants } from './0020-tokens-and-grants.ts'
import { createRequests } from './0030-requests.ts'
import { addUseOfConnections } from './0040-use-of-connections.ts'
import { indexOpenRequests } from './0045-open-requests.ts'
import { createRequestCounts } from './0050-request-counts.ts'
import { createMcpCatalogues } from './0060-mcp-catalogues.ts'
import { addProjectModes } from './0070-project-modes.ts'
import { addTokenModes } from './0080-token-modes.ts'
import { sealLog } from './0090-sealed-log.ts'
import { addTokenRevisions } from './0095-token-revisions.ts'
import { keepReachedHosts } from './0100-reached-hosts.ts'
import { countQuarterHours } from './0105-quarter-hour-counts.ts'
import { addAnswerLengths } from './0115-answer-lengths.ts'
import { indexRequestIds } from './0110-request-id-index.ts'
import { addRequestDetails } from './0120-request-details.ts'
import { indexRequestBlocks } from './0130-request-blocks.ts'
import { addSecretOverlap } from './0135-secret-overlap.ts'
import { addTokenPauses } from './0140-token-pauses.ts'
import { countRequestKeys } from './0150-request-keys.ts'
import { addConnectionSettings } from './0155-connection-settings.ts'
import { createPayloads } from './0170-payloads.ts'
import { addTokenBudgets } from './0175-token-budgets.ts'
import { addOwnerChanges } from './0180-owner-changes.ts'

/** In order. A published migration is never edited. Changes need a new one. */
const MIGRATIONS: readonly { version: number; apply: (database: Database) => void }[] = [
  { version: 10, apply: createProjectsAndConnections },
  { version: 20, apply: createTokensAndGrants },
  { version: 30, apply: createRequests },
  { version: 40, apply: addUseOfConnections },
  { version: 45, apply: indexOpenRequests },
  { version: 50, apply: createRequestCounts },
  { version: 60, apply: createMcpCatalogues },
  { version: 70, apply: addProjectModes },
  { version: 80, apply: addTokenModes },
  { version: 90, apply: sealLog },
  { version: 95, apply: addTokenRevisions },
  { version: 100, apply: keepReachedHosts },
  { version: 105, apply: countQuarterHours },
  { version: 110, apply: indexRequestIds },
  { version: 115, apply: addAnswerLengths },
  { version: 120, apply: addRequestDetails },
  { version: 130, apply: indexRequestBlocks },
  { version: 135, apply: addSecretOverlap },
  { version: 140, apply: addTokenPauses },
  { version: 150, apply: countRequestKeys },
  { version: 155, apply: addConnectionSettings },
  { version: 170, apply: createPayloads },
  { version: 175, apply: addTokenBudgets },
  { version: 180, apply: addOwnerChanges },
]

/** Latest schema version that this version of Hallpass knows. */
export const SCHEMA_VERSION = 180

/** 'HPAS', which distinguishes our store from other SQLite files. */
export const APPLICATION_ID = 0x48504153

/** Updates the schema. Each step is one transaction, except in a new database, whose steps are all one. */
export function migrate(database: Database): void {
  const current = Number(database.pragma('user_version', { simple: true }))
  const update = (): void => {
    for (const { version, apply } of MIGRATIONS) {
      if (version <= current) continue
      database.transaction(() => {
        apply(database)
        database.pragma(`application_id = ${APPLICATION_ID}`)
        database.pragma(`user_version = ${version}`)
      })()
    }
  }
  // Twenty transactions would wait for the disk twenty times before a first start.
  if (current === 0) database.transaction(update)()
  else update()
}
