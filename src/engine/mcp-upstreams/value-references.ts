import { invalidRequest } from '../../contract/errors.ts'
import type { Secret } from '../secrets/secret.ts'
import type { SecretStore } from '../secrets/secret-store.ts'

/** Source of the values that an upstream needs: the connection's own secret, and references. */
export interface ValueSource {
  /** Returns the connection's own secret. Throws SECRET_UNAVAILABLE if it has none. */
  own(): Promise<Secret>
  secrets: Pick<SecretStore, 'fetch'>
}

/** A resolved value. `secret` is false for a plain one. */
interface ResolvedValue {
  value: string
  secret: boolean
}

/**
 * Resolves `[PREFIX ]keychain | env:NAME | file:PATH | plain:VALUE` now. Throws SECRET_UNAVAILABLE, or INVALID_REQUEST
 * if it is malformed.
 */
export async function resolveValue(reference: string, source: ValueSource): Promise<ResolvedValue & { bare: string }> {
  const match = /^(?<word>[A-Za-z][A-Za-z0-9-]* )?(?<rest>keychain|(?:env|file|plain):.*)$/s.exec(reference)
  if (match?.groups === undefined)
    throw invalidRequest('Invalid value. Use keychain, env:NAME, file:PATH or plain:VALUE.')
  const { word = '', rest = '' } = match.groups
  if (rest.startsWith('plain:')) {
    const bare = rest.slice('plain:'.length)
    return { value: word + bare, bare, secret: false }
  }
  const secret = rest === 'keychain' ? await source.own() : await source.secrets.fetch(rest, '', { fresh: true })
  return { value: word + secret.reveal(), bare: secret.reveal(), secret: true }
}

/** Returns whether the reference is a secret, wherever it is stored. */
export function isSecretReference(reference: string): boolean {
  return !/^(?:[A-Za-z][A-Za-z0-9-]* )?plain:/.test(reference)
}

/** Returns whether the reference is the connection's own secret. */
export function isOwnSecret(reference: string): boolean {
  return reference === 'keychain' || reference.endsWith(' keychain')
}
