import { Secret } from '../../secrets/secret.ts'
import type { SecretStore } from '../../secrets/secret-store.ts'

export type SecretInput = { value: string } | { ref: string }

/**
 * A secret that isn't stored yet. `keep` stores it and returns its location. `drop` undoes that and can be called at
 * any time.
 */
export interface OfferedSecret {
  secret: Secret
  keep(): Promise<string>
  drop(): Promise<void>
}

/**
 * Reads the owner's input and checks that a reference resolves. Stores nothing yet, so that a failed check leaves
 * nothing behind.
 */
export async function offerSecret(secrets: SecretStore, input: SecretInput, account: string): Promise<OfferedSecret> {
  if ('ref' in input) {
    await secrets.checkReference(input.ref)
    return {
      secret: await secrets.fetch(input.ref, account),
      keep: () => Promise.resolve(input.ref),
      drop: () => Promise.resolve(),
    }
  }
  const secret = new Secret(input.value)
  let location: string | null = null
  return {
    secret,
    async keep() {
      location = await secrets.keep(account, secret)
      return location
    },
    async drop() {
      if (location !== null) await secrets.forget(location, account)
    },
  }
}
