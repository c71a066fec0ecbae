import type { Database } from 'better-sqlite3'
import type { FormerTokenRow } from '../rows.ts'
import type { DirectoryReaders } from '../directory.ts'

const KEPT_MS = 30 * 24 * 60 * 60_000

export function formerTokenReaders(database: Database): Pick<DirectoryReaders, 'formerToken'> {
  const byHash = database.prepare<[string], FormerTokenRow>(
    'SELECT project, name, NULL AS parent, state FROM former_tokens WHERE hash = ?',
  )
  return { formerToken: (hash) => byHash.get(hash) ?? null }
}

/** Stores whose secrets are about to be deleted, inside the caller's transaction. */
export interface FormerTokens {
  remember(tokenId: number, state: FormerTokenRow['state']): void
  rememberProject(projectId: number): void
  /** Deletes those that are older than 30 days. */
  prune(): void
}

/** They serve to name callers only. Nothing decides by them. */
export function createFormerTokens(database: Database, now: () => number): FormerTokens {
  const insert = (where: string) =>
    database.prepare<[string, number, number]>(
      `INSERT OR REPLACE INTO former_tokens (hash, project, name, state, ended_at)
       SELECT t.hash, p.name, t.name, ?, ? FROM tokens t JOIN projects p ON p.id = t.project_id
       WHERE t.hash IS NOT NULL AND ${where}`,
    )
  const one = insert('t.id = ?')
  const ofProject = insert('t.project_id = ?')
  const removeOld = database.prepare<[number]>('DELETE FROM former_tokens WHERE ended_at < ?')
  const prune = (): void => void removeOld.run(now() - KEPT_MS)
  return {
    remember(tokenId, state) {
      prune()
      one.run(state, now(), tokenId)
    },
    rememberProject(projectId) {
      prune()
      ofProject.run('deleted', now(), projectId)
    },
    prune,
  }
}
