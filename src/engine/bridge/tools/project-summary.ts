import type { ConnectionKind } from '../../../contract/records.ts'
import type { Principal } from '../../access/principal.ts'
import type { Store } from '../../store/store.ts'
import type { SurfaceMode } from './surface.ts'

/** Facts about projects and connections, cached until they change, because every MCP request needs them. */
export interface ProjectSummary {
  /** Returns null if the connection doesn't exist. */
  kindOf(connection: string): ConnectionKind | null
  /** Returns which tools a token sees: the mode of the token, of its project, or of the project's only connection. */
  modeOf(principal: Principal): SurfaceMode
  forget(): void
}

const ALL: SurfaceMode = { kind: 'all' }
const SEARCH: SurfaceMode = { kind: 'search' }

export function createProjectSummary(store: Pick<Store, 'read'> | undefined): ProjectSummary {
  const kinds = new Map<string, ConnectionKind>()
  const modes = new Map<number, SurfaceMode>()

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

  return {
    kindOf(connection) {
      const known = kinds.get(connection)
      if (known !== undefined) return known
      const kind = store?.read.connection(connection)?.kind ?? null
      // A missing connection can be created at any time, so that isn't cached.
      if (kind !== null) kinds.set(connection, kind)
      return kind
    },
    modeOf({ project, mode: own }) {
      let mode = modes.get(project.id)
      if (mode === undefined) {
        mode = readMode(project)
        modes.set(project.id, mode)
      }
      if (own === undefined || own === null || mode.kind === 'pass-through') return mode
      return own === 'search' ? SEARCH : ALL
    },
    forget() {
      kinds.clear()
      modes.clear()
    },
  }
}
