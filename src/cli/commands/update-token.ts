import { requireOption } from '../flags/options.ts'
import { withEngine } from '../with-engine.ts'

/** Moves the expiry of an active token. */
export async function updateToken(name: string, { project, ttl }: { project: string; ttl?: string }): Promise<void> {
  const lifetime = requireOption(ttl, '--ttl <time>')
  const token = await withEngine(({ api }) => api.tokens.extend({ project, name, ttl: lifetime }))
  const expiry = token.expires_at === null ? 'It never expires.' : `Expires ${token.expires_at}.`
  process.stdout.write(`Updated token ${name}. ${expiry}\n`)
}
