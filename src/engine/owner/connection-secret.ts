import { Secret } from '../secrets/secret.ts'
import type { SecretStore } from '../secrets/secret-store.ts'

export type SecretInput = { value: string } | { ref: string }

/** A secret that was given but is not kept yet. `keep` answers the `home` to store; `drop` undoes it and may be called at any time. */
export interface OfferedSecret {
  secret: Secret
  keep(): Promise<string>
  drop(): Promise<void>
}

/** Reads what the owner gave; a reference must resolve now. Nothing is kept yet, so that a failed check leaves nothing behind. */
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
