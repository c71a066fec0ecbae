import type { Secret } from './secret.ts'

/** A location of upstream secrets. Failures are SECRET_UNAVAILABLE with a sentence that says what to do. */
export interface SecretLocation {
  readonly kind: 'keychain' | 'vault' | 'none'
  /** Says for people where secrets are stored, or why they can't be. */
  readonly description: string
  get(account: string): Promise<Secret>
  set(account: string, secret: Secret): Promise<void>
  delete(account: string): Promise<void>
  /** Throws if the location doesn't respond. */
  probe(): Promise<void>
}

/** The secret store of the engine. A location is 'keychain', 'vault', 'env:NAME' or 'file:PATH'. */
export interface SecretStore {
  readonly location: SecretLocation
  /** Stores a new secret in the current location. Returns the location to store with the connection. */
  keep(account: string, secret: Secret): Promise<string>
  /** Checks that a reference resolves now. Throws INVALID_REQUEST if it is malformed. */
  checkReference(reference: string): Promise<void>
  /**
   * Returns a secret from the connection's location. With `fresh`, a referenced file is checked even if that was done
   * recently. Use it for values that are read once per session or after a rejection, which must not miss a change.
   */
  fetch(location: string, account: string, options?: { fresh?: boolean }): Promise<Secret>
  /** Deletes a stored secret. References are left alone. */
  forget(location: string, account: string): Promise<void>
}
