import type { Store } from '../../store/store.ts'
import type { Root } from '../access.ts'
import { unknownName } from '../sentences.ts'
import { isSpent } from './session-table.ts'
import type { LiveSession, SessionTable } from './session-table.ts'
import { projectNamed } from '../tokens/prepare-token.ts'
import type { LiveToken, TokenTable } from '../tokens/token-table.ts'

/**
 * Counts the session tokens and running requests of a token, a project or a connection, which are the ones that ending
 * it would end.
 */
export function countBelow(
  { store, tokens, sessions }: { store: Store; tokens: TokenTable; sessions: SessionTable },
  root: Root,
) {
  const [hasSession, runningOf] = 'connection' in root ? onConnection(store, root) : inProject(store, root)
  const live = sessions.live().filter(hasSession)
  const own = [...tokens.live()].reduce((count, token) => count + runningOf(token), 0)
  return {
    sessions: live.filter((session) => !isSpent(session)).length,
    requests_running: live.reduce((count, session) => count + session.life.running, own),
  }
}

type Below = [hasSession: (session: LiveSession) => boolean, runningOf: (token: LiveToken) => number]

function inProject(store: Store, root: { project: string; token?: string }): Below {
  const { id } = projectNamed(store, root.project)
  if (root.token === undefined)
    return [(session) => session.project.id === id, (token) => (token.projectId === id ? token.life.running : 0)]
  const row = store.read.token(id, root.token)
  if (row === null) throw unknownName('token', root.token)
  return [(session) => session.tokenId === row.id, (token) => (token.id === row.id ? token.life.running : 0)]
}

function onConnection(store: Store, root: { connection: string; project?: string }): Below {
  const connection = store.read.connection(root.connection)
  if (connection === null) throw unknownName('connection', root.connection)
  const names = root.project === undefined ? store.read.projectsOf(connection.id) : [root.project]
  const projects = new Set(names.map((name) => projectNamed(store, name).id))
  return [
    (session) => session.connection === root.connection && projects.has(session.project.id),
    (token) => (projects.has(token.projectId) ? token.life.runningOn(root.connection) : 0),
  ]
}
