import { HallpassError } from '../../contract/errors.ts'
import { createAbsentHome } from './absent-home.ts'
import { createKeychainQueue } from './keychain-queue.ts'
import { secretOf } from './secret-value.ts'
import type { Secret } from './secret.ts'
import type { SecretHome } from './secret-store.ts'

/** The part of keytar that is used; tests stand in for a keychain that hangs or refuses. */
export interface Keychain {
  getPassword(service: string, account: string): Promise<string | null>
  setPassword(service: string, account: string, password: string): Promise<void>
  deletePassword(service: string, account: string): Promise<boolean>
}

const SERVICE = 'hallpass'
const TIMEOUT_MS = 5000
const WAY_OUT =
  'Unlock it, or set HALLPASS_VAULT_KEY to keep secrets in an encrypted file, or read the secret from an environment variable or a file.'

/**
 * The OS keychain: Keychain on macOS, Credential Manager on Windows, the Secret Service on Linux. Where its native part
 * does not load (no libsecret), the answer is a home of kind `none` that says so.
 */
export async function openKeychainHome(): Promise<SecretHome> {
  try {
    // Late, since the native part fails at import where libsecret is absent, and most commands never need it.
    const { default: keytar } = await import('keytar')
    return createKeychainHome(keytar)
  } catch (cause) {
    const missing = process.platform === 'linux' ? ': libsecret is not installed' : ''
    return createAbsentHome(
      `This machine has no keychain that Hallpass can use${missing}. Install it, or set HALLPASS_VAULT_KEY to keep secrets in an encrypted file, or read the secret from an environment variable or a file.`,
      cause,
    )
  }
}

export function createKeychainHome(keychain: Keychain, timeoutMs = TIMEOUT_MS): SecretHome {
  const ask = createKeychainQueue(timeoutMs, () => unavailable('does not answer'))
  /** Requests that need the same secret at the same moment share one question to the OS. */
  const reading = new Map<string, Promise<Secret>>()

  async function read(account: string): Promise<Secret> {
    const value = await answer(() => keychain.getPassword(SERVICE, account))
    if (value === null) {
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        'The secret of this connection is not in the keychain any more. Give the connection its secret again.',
      )
    }
    return secretOf(value, 'The secret in the keychain was changed outside Hallpass, and')
  }

  async function answer<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await ask(question)
    } catch (cause) {
      if (cause instanceof HallpassError) throw cause
      throw unavailable(stateIn(cause), cause)
    }
  }

  return {
    kind: 'keychain',
    description: `keychain of the operating system (service “${SERVICE}”)`,
    get(account) {
      let shared = reading.get(account)
      if (shared === undefined) {
        shared = read(account).finally(() => {
          if (reading.get(account) === shared) reading.delete(account)
        })
        reading.set(account, shared)
      }
      return shared
    },
    async set(account, secret) {
      await answer(() => keychain.setPassword(SERVICE, account, secret.reveal()))
      reading.delete(account)
    },
    async delete(account) {
      await answer(() => keychain.deletePassword(SERVICE, account))
      reading.delete(account)
    },
    async probe() {
      await answer(() => keychain.getPassword(SERVICE, 'probe'))
    },
  }
}

function unavailable(state: string, cause?: unknown): HallpassError {
  return new HallpassError('SECRET_UNAVAILABLE', `The keychain ${state}. ${WAY_OUT}`, { cause })
}

/** The OS's own words may name paths and are seldom clear, so they go to the cause, and a plain word to the person. */
function stateIn(cause: unknown): string {
  const words = cause instanceof Error ? cause.message : ''
  if (/locked|collection\/login|initialize prompt/i.test(words)) return 'is locked'
  if (/dismissed|denied|cancell?ed|not allowed|interaction/i.test(words)) return 'refused access'
  if (/autolaunch|dbus|d-bus|ServiceUnknown|not provided|secrets was not/i.test(words))
    return 'is not running on this machine'
  return 'failed'
}
