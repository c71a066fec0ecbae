import type { Database } from 'better-sqlite3'

/**
 * Keeps older connections working: Grist servers in a private network, and secrets sent over http://. Metadata services
 * and Hallpass itself remain unreachable.
 */
export function keepReachedHosts(database: Database): void {
  database.exec("UPDATE connections SET config = json_set(config, '$.pin', json('true')) WHERE kind = 'grist'")
  database.exec(
    `UPDATE connections SET config = json_set(config, '$.plain_http', json('true'))
     WHERE kind IN ('grist', 'http', 'mcp') AND lower(trim(config ->> '$.url')) LIKE 'http://%'`,
  )
}
