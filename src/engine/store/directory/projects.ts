import type { Database } from 'better-sqlite3'
import { invalidRequest } from '../../../contract/errors.ts'
import type { ProjectRow } from '../rows.ts'
import type { DirectoryReaders, DirectoryWriters } from '../directory.ts'
import type { FormerTokens } from './former-tokens.ts'

const COLUMNS = `p.id, p.name, p.created_at, p.mode, p.answer_chars, (
  SELECT c.name FROM connections c JOIN inclusions i ON i.connection_id = c.id WHERE c.id = p.pass_through AND i.project_id = p.id
) AS pass_through`

// Names are unique ignoring case but looked up exactly, so another spelling never finds a row.
export function projectReaders(database: Database): Pick<DirectoryReaders, 'projects' | 'project'> {
  const all = database.prepare<[], ProjectRow>(`SELECT ${COLUMNS} FROM projects p ORDER BY p.name`)
  const byName = database.prepare<[string], ProjectRow>(
    `SELECT ${COLUMNS} FROM projects p WHERE p.name = ? COLLATE BINARY`,
  )
  return {
    projects: () => all.all(),
    project: (name) => byName.get(name) ?? null,
  }
}

export function projectWriters(
  database: Database,
  former: FormerTokens,
): Pick<DirectoryWriters, 'createProject' | 'renameProject' | 'deleteProject' | 'updateProject'> {
  const taken = database.prepare<[string]>('SELECT 1 FROM projects WHERE name = ?')
  const insert = database.prepare<[string, number], ProjectRow>(
    'INSERT INTO projects (name, created_at) VALUES (?, ?) RETURNING id, name, created_at, mode, answer_chars, NULL AS pass_through',
  )
  const servers = `FROM inclusions i JOIN connections c ON c.id = i.connection_id WHERE i.project_id = projects.id AND c.kind = 'mcp'`
  // What isn't given stays as it is, whatever another caller set meanwhile.
  const update = database.prepare<
    Record<'id' | 'chars' | 'setsChars' | 'setsServer', number | null> & Record<'mode' | 'server', string | null>
  >(
    `UPDATE projects SET mode = coalesce(@mode, mode), answer_chars = iif(@setsChars, @chars, answer_chars),
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
      return insert.get(name, createdAt) as ProjectRow
    }),
    renameProject: database.transaction((id: number, name: string) => {
      if (taken.get(name) !== undefined) throw invalidRequest(`Project "${name}" already exists.`, 'new_name')
      rename.run(name, id)
    }),
    deleteProject: database.transaction((id: number) => {
      former.rememberProject(id)
      remove.run(id)
    }),
    updateProject: (id, { mode = null, answer_chars: chars, passThrough: server }) =>
      update.run({
        id,
        mode,
        chars: chars ?? null,
        setsChars: Number(chars !== undefined),
        server: server ?? null,
        setsServer: Number(server !== undefined),
      }).changes > 0,
  }
}
