import { LONGEST_SESSION_SECONDS } from '../../contract/session-request.ts'
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
  maxRequests?: number
  allowMissing?: boolean
}

export function mintInput({ project, document, permissions, ttl, resource, maxRequests }: SessionFlags) {
  return {
    project,
    document,
    permissions: parsePermissions(permissions),
    ttl,
    resources: resource,
    max_requests: maxRequests,
  }
}

/** Throws a usage error for a table that doesn't exist, unless the owner allows it. */
export async function requireResources(
  api: OwnerClient,
  { document, resource = [], allowMissing }: SessionFlags,
): Promise<void> {
  if (allowMissing !== true && resource.length > 0) await requireKnownResources(api, document, resource)
}

const UNIT_SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 }

/** Hallpass reduces a longer lifetime. A script that relies on it would fail in the middle. */
export function noteReducedLifetime({ ttl = '' }: SessionFlags): void {
  const [, count, unit = ''] = /^(\d+)([smhd])$/.exec(ttl) ?? []
  if (Number(count) * (UNIT_SECONDS[unit] ?? 0) > LONGEST_SESSION_SECONDS)
    process.stderr.write(`hallpass: A session token lasts at most 1h, so --ttl ${ttl} was reduced to 1h.\n`)
}

/** Prints the token alone on stdout, for `TOKEN=$(hallpass session …)`. */
export async function session(flags: SessionFlags): Promise<void> {
  const input = mintInput(flags)
  const minted = await withEngine(async ({ api }) => {
    await requireResources(api, flags)
    return api.sessions.mint(input)
  })
  noteReducedLifetime(flags)
  process.stderr.write(`Expires ${minted.session.expires_at}. Use it as a bearer token for ${minted.proxy_url}\n`)
  process.stdout.write(`${minted.token}\n`)
}
