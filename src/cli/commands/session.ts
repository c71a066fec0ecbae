import { permissionList } from '../permission-list.ts'
import { withEngine } from '../with-engine.ts'

export interface SessionFlags {
  project: string
  document: string
  permissions: string
  ttl?: string
  resource?: string[]
}

export function mintInput(flags: SessionFlags) {
  return {
    project: flags.project,
    document: flags.document,
    permissions: permissionList(flags.permissions),
    ttl: flags.ttl,
    resources: flags.resource,
  }
}

/** The token, alone, on stdout: `TOKEN=$(hallpass session …)`. */
export async function session(flags: SessionFlags): Promise<void> {
  const input = mintInput(flags)
  const minted = await withEngine(({ api }) => api.sessions.mint(input))
  process.stderr.write(`Expires ${minted.session.expires_at}. Send it to ${minted.proxy_url}\n`)
  process.stdout.write(`${minted.token}\n`)
}
