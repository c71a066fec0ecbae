import { HallpassError } from '../../../contract/errors.ts'
import { createKeychainQueue } from './keychain-queue.ts'

/** The part of keytar that is used. Tests pass a keychain that hangs or fails. */
export interface KeychainService {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

/**
 * Hallpass's items in the keychain of the operating system. Each method throws SECRET_UNAVAILABLE with a sentence that
 * says what to do.
 */
export interface Keychain {
  get(account: string): Promise<string | null>
  set(account: string, value: string): Promise<void>
  delete(account: string): Promise<void>
}

export const KEYCHAIN_SERVICE = 'hallpass'
/** Enough time for a person to find the keychain's prompt and enter a password. */
const HANGS_AFTER_MS = 60_000
const WAY_OUT =
  'Unlock it, set HALLPASS_VAULT_KEY to use an encrypted vault file, or refer to the secret with --secret-ref env:NAME or file:PATH.'

export function createKeychain(service: KeychainService, hangsAfterMs = HANGS_AFTER_MS): Keychain {
  const ask = createKeychainQueue(hangsAfterMs, () => unavailable("isn't responding"))

  async function answer<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await ask(question)
    } catch (cause) {
      if (cause instanceof HallpassError) throw cause
      throw unavailable(stateIn(cause), cause)
    }
  }

  return {
    get: (account) => answer(() => service.getPassword(KEYCHAIN_SERVICE, account)),
    set: (account, value) => answer(() => service.setPassword(KEYCHAIN_SERVICE, account, value)),
    async delete(account) {
      await answer(() => service.deletePassword(KEYCHAIN_SERVICE, account))
    },
  }
}

/** Returns the error for a keychain in this state, with what to do. */
export function unavailable(state: string, cause?: unknown): HallpassError {
  return new HallpassError('SECRET_UNAVAILABLE', `The keychain ${state}. ${WAY_OUT}`, { cause })
}

/**
 * Messages of the OS can contain paths and are seldom clear, so they become the cause, and the sentence uses plain
 * words.
 */
function stateIn(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : ''
  if (/locked|collection\/login|initialize prompt/i.test(message)) return 'is locked'
  if (/dismissed|denied|cancell?ed|not allowed|interaction/i.test(message)) return 'denied access'
  if (/autolaunch|dbus|d-bus|ServiceUnknown|not provided|secrets was not/i.test(message)) return "isn't running"
  return 'failed'
}
