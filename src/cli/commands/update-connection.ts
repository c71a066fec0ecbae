import { usageError } from '../errors.ts'
import { readSecret, type SecretFlags } from '../flags/secret-input.ts'
import { withEngine } from '../with-engine.ts'

/** Replaces the secret of a connection. The new one is tested before it is saved. */
export async function updateConnection(name: string, flags: SecretFlags): Promise<void> {
  const secret = await readSecret(flags)
  if (secret === undefined) throw usageError('Nothing to update. Use --secret-stdin or --secret-ref.')
  const record = await withEngine(({ api }) => api.connections.replaceSecret({ name, secret }))
  process.stdout.write(`Replaced the secret of connection ${name}. Stored in: ${record.secret}\n`)
}
