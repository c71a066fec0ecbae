import type { Secret } from './secret.ts'

/** One home for upstream secrets. Failures are HallpassError SECRET_UNAVAILABLE, with the way out in the sentence. */
export interface SecretHome {
  readonly kind: 'keychain' | 'vault' | 'none'
  /** For people: where secrets go, or why they cannot be kept. */
  readonly description: string
  get(account: string): Promise<Secret>
  set(account: string, secret: Secret): Promise<void>
  delete(account: string): Promise<void>
  /** Throws when the home does not answer. */
  probe(): Promise<void>
}

/** The secrets room as the engine uses it. `home` values: 'keychain', 'vault', 'env:NAME', 'file:PATH'. */
export interface SecretStore {
  readonly home: SecretHome
  /** Keeps a new secret in the current home; answers the `home` value to store with the connection. */
  keep(account: string, secret: Secret): Promise<string>
  /** Checks that a reference resolves now; throws INVALID_REQUEST for a malformed one. */
  checkReference(reference: string): Promise<void>
  /**
   * Fetches a secret from where the connection says that it lives. With `fresh` the file of a reference is looked at now, however
   * short ago that was done: what is asked once a session or after a rejection must not miss a change.
   */
  fetch(home: string, account: string, options?: { fresh?: boolean }): Promise<Secret>
  /** Removes a kept secret; a reference is left alone. */
  forget(home: string, account: string): Promise<void>
}
