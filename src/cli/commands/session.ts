import { parsePermissions } from '../flags/options.ts'
import { withEngine } from '../with-engine.ts'

export interface SessionFlags {
  project: string
  document: string
  permissions: string
  ttl?: string
  resource?: string[]
}

export function mintInput({ project, document, permissions, ttl, resource }: SessionFlags) {
  return { project, document, permissions: parsePermissions(permissions), ttl, resources: resource }
}

/** Prints the token alone on stdout, for `TOKEN=$(hallpass session …)`. */
export async function session(flags: SessionFlags): Promise<void> {
  const input = mintInput(flags)
  const minted = await withEngine(({ api }) => api.sessions.mint(input))
  process.stderr.write(`Expires ${minted.session.expires_at}. Use it as a bearer token for ${minted.proxy_url}\n`)
  process.stdout.write(`${minted.token}\n`)
}
