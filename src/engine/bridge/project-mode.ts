import type { Principal } from '../access/principal.ts'
import type { Store } from '../store/store.ts'
import type { SurfaceMode } from './surface.ts'

/** What the project of a token shows, as the owner set it: on the project, or on a connection that is the project's only one. */
export function createProjectModes(store: Pick<Store, 'read'>): (principal: Principal) => SurfaceMode {
  return ({ project: { id, name } }) => {
    const project = store.read.project(name)
    if (project === null) return { kind: 'all' }
    if (project.pass_through !== null) return { kind: 'pass-through', connection: project.pass_through }
    if (project.mode === 'search') return { kind: 'search' }
    const [only, ...others] = store.read.connections(id)
    if (only !== undefined && others.length === 0 && only.kind === 'mcp' && only.config['pass_through'] === true) {
      return { kind: 'pass-through', connection: only.name }
    }
    return { kind: 'all' }
  }
}
