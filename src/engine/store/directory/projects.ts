import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { ProjectRow } from '../rows.ts'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'
import type { FormerTokens } from './former-tokens.ts'

const COLUMNS = `p.id, p.name, p.created_at, p.mode, p.answer_chars, p.description, p.pinned, p.payloads_until, (
  SELECT c.name FROM connections c JOIN inclusions i ON i.connection_id = c.id WHERE c.id = p.pass_through AND i.project_id = p.id
) AS pass_through`

// Names are unique ignoring case but looked up exactly, so another spelling never finds a row.
export function projectReaders(database: Database): Pick<DirectoryReaders, 'projects' | 'project'> {
  const all = database.prepare<[], StoredProject>(`SELECT ${COLUMNS} FROM projects p ORDER BY p.name`)
  const byName = database.prepare<[string], StoredProject>(
    `SELECT ${COLUMNS} FROM projects p WHERE p.name = ? COLLATE BINARY`,
  )
  return {
    projects: () => all.all().map(projectRow),
    project(name) {
      const stored = byName.get(name)
      return stored === undefined ? null : projectRow(stored)
    },
  }
}

type StoredProject = Omit<ProjectRow, 'pinned'> & { pinned: number }

function projectRow(stored: StoredProject): ProjectRow {
  return { ...stored, pinned: stored.pinned === 1 }
}

export function projectWriters(
  database: Database,
  former: FormerTokens,
): Pick<DirectoryWriters, 'createProject' | 'renameProject' | 'deleteProject' | 'updateProject'> {
  const taken = database.prepare<[string]>('SELECT 1 FROM projects WHERE name = ?')
  const insert = database.prepare<[string, number], StoredProject>(
    'INSERT INTO projects (name, created_at) VALUES (?, ?) RETURNING id, name, created_at, mode, answer_chars, description, pinned, payloads_until, NULL AS pass_through',
  )
  const servers = `FROM inclusions i JOIN connections c ON c.id = i.connection_id WHERE i.project_id = projects.id AND c.kind = 'mcp'`
  // Omitted fields don't change, whatever another caller set meanwhile.
  const update = database.prepare<
    Record<'id' | 'chars' | 'setsChars' | 'setsServer' | 'pinned' | 'setsPayloads' | 'since' | 'until', number | null> &
      Record<'mode' | 'server' | 'description', string | null>
  >(
    `UPDATE projects SET mode = coalesce(@mode, mode), answer_chars = iif(@setsChars, @chars, answer_chars),
       description = coalesce(@description, description), pinned = coalesce(@pinned, pinned),
       payloads_since = iif(@setsPayloads, iif(@since IS NOT NULL AND payloads_until > @since, payloads_since, @since), payloads_since),
       payloads_until = iif(@setsPayloads, @until, payloads_until),
       pass_through = iif(@setsServer, (SELECT c.id ${servers} AND c.name = @server COLLATE BINARY), pass_through)
     WHERE id = @id AND (NOT @setsServer OR @server IS NULL
       OR (SELECT count(*) = 1 AND max(c.name = @server COLLATE BINARY) ${servers}))`,
  )
  const rename = database.prepare<[string, number]>('UPDATE projects SET name = ? WHERE id = ?')
  const remove = database.prepare<[number]>('DELETE FROM projects WHERE id = ?')
  return {
    // Uses a transaction, because a full disk shows at the commit, which a single statement that returns rows would
    // hide.
    createProject: database.transaction((name: string, createdAt: number) => {
      if (taken.get(name) !== undefined) throw invalidRequest(`Project "${name}" already exists.`, 'name')
      return projectRow(insert.get(name, createdAt) as StoredProject)
    }),
    renameProject: database.transaction((id: number, name: string) => {
      if (taken.get(name) !== undefined) throw invalidRequest(`Project "${name}" already exists.`, 'new_name')
      rename.run(name, id)
    }),
    deleteProject: database.transaction((id: number) => {
      former.rememberProject(id)
      remove.run(id)
    }),
    updateProject: (
      id,
      { mode = null, answer_chars: chars, passThrough: server, description = null, pinned, payloads },
    ) =>
      update.run({
        id,
        mode,
        description,
        pinned: pinned === undefined ? null : Number(pinned),
        setsPayloads: Number(payloads !== undefined),
        since: payloads?.since ?? null,
        until: payloads?.until ?? null,
        chars: chars ?? null,
        setsChars: Number(chars !== undefined),
        server: server ?? null,
        setsServer: Number(server !== undefined),
      }).changes > 0,
  }
}
