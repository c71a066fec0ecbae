import type { OwnerClient } from '../../control/control-client.ts'
import { requireKnownResources } from '../flags/check-resources.ts'
import { parsePermissions } from '../flags/options.ts'
import { withEngine } from '../with-engine.ts'

export interface SessionFlags {
  project: string
  document: string
  permissions: string
  ttl?: string
  resource?: string[]
  allowMissing?: boolean
}

export function mintInput({ project, document, permissions, ttl, resource }: SessionFlags) {
  return { project, document, permissions: parsePermissions(permissions), ttl, resources: resource }
}

/** Throws a usage error for a table that doesn't exist, unless the owner allows it. */
export async function requireResources(
  api: OwnerClient,
  { document, resource = [], allowMissing }: SessionFlags,
): Promise<void> {
  if (allowMissing !== true && resource.length > 0) await requireKnownResources(api, document, resource)
}

/** Prints the token alone on stdout, for `TOKEN=$(hallpass session …)`. */
export async function session(flags: SessionFlags): Promise<void> {
  const input = mintInput(flags)
  const minted = await withEngine(async ({ api }) => {
    await requireResources(api, flags)
    return api.sessions.mint(input)
  })
  process.stderr.write(`Expires ${minted.session.expires_at}. Use it as a bearer token for ${minted.proxy_url}\n`)
  process.stdout.write(`${minted.token}\n`)
}
