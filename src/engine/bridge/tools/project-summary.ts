import type { ConnectionKind } from '../../../contract/records.ts'
import type { Principal } from '../../access/principal.ts'
import type { Store } from '../../store/store.ts'
import type { SurfaceMode } from './surface.ts'

/** What the store says of projects and connections, kept until it is said to have changed: every MCP request asks. */
export interface ProjectSummary {
  /** Null when there is no such connection. */
  kindOf(connection: string): ConnectionKind | null
  /** What a token is shown, as the owner set it: on the token, on its project, or on a connection that is the project's only one. */
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
      // One that is not there yet may be made at any time.
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
