import type { ConnectionKind } from '../../../contract/records.ts'
import type { Principal } from '../../access/principal.ts'
import type { Store } from '../../store/store.ts'
import type { SurfaceMode } from './surface.ts'

/** Facts about projects and connections, cached until they change, because every MCP request needs them. */
interface ProjectSummary {
  /** Returns null if the connection doesn't exist. */
  kindOf(connection: string): ConnectionKind | null
  /** Returns which tools a token sees: the mode of the token, of its project, or of the project's only connection. */
  modeOf(principal: Principal): SurfaceMode
  /**
   * Returns the maximum characters of one answer: the token's, the project's, or the one of the settings, which doesn't
   * apply in pass-through mode. Null for no limit.
   */
  answerCharsOf(principal: Principal): number | null
  forget(): void
}

const ALL: SurfaceMode = { kind: 'all' }
const SEARCH: SurfaceMode = { kind: 'search' }

export function createProjectSummary(
  store: Pick<Store, 'read'> | undefined,
  defaultAnswerChars: () => number | null,
): ProjectSummary {
  const kinds = new Map<string, ConnectionKind>()
  const modes = new Map<number, SurfaceMode>()
  const lengths = new Map<number, number | null>()

  function readMode({ id, name }: Principal['project']): SurfaceMode {
    const project = store?.read.project(name) ?? null
    if (store === undefined || project === null) return { kind: 'all' }
    if (project.pass_through !== null) return { kind: 'pass-through', connection: project.pass_through }
    if (project.mode === 'search') return { kind: 'search' }
    const [only, ...others] = store.read.connections(id)
    if (only !== undefined && others.length === 0 && only.kind === 'mcp' && only.config.pass_through === true) {
      return { kind: 'pass-through', connection: only.name }
    }
    return { kind: 'all' }
  }

  function modeOf({ project, mode: own }: Principal): SurfaceMode {
    let mode = modes.get(project.id)
    if (mode === undefined) {
      mode = readMode(project)
      modes.set(project.id, mode)
    }
    if (own === undefined || own === null || mode.kind === 'pass-through') return mode
    return own === 'search' ? SEARCH : ALL
  }

  function lengthOf({ id, name }: Principal['project']): number | null {
    let length = lengths.get(id)
    if (length === undefined) {
      length = store?.read.project(name)?.answer_chars ?? null
      lengths.set(id, length)
    }
    return length
  }

  return {
    kindOf(connection) {
      const known = kinds.get(connection)
      if (known !== undefined) return known
      const kind = store?.read.connection(connection)?.kind ?? null
      // A missing connection can be created at any time, so that isn't cached.
      if (kind !== null) kinds.set(connection, kind)
      return kind
    },
    modeOf,
    answerCharsOf(principal) {
      const own = principal.answerChars ?? lengthOf(principal.project)
      if (own !== null) return own === 0 ? null : own
      return modeOf(principal).kind === 'pass-through' ? null : defaultAnswerChars()
    },
    forget() {
      kinds.clear()
      modes.clear()
      lengths.clear()
    },
  }
}
