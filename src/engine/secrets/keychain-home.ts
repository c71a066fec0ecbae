import { HallpassError } from '../../contract/errors.ts'
import type { Clock } from '../clock.ts'
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
/** How long a secret that was read stays usable: a locked keychain or a changed item is noticed this much later at most. */
const KEEP_MS = 2000
const WAY_OUT =
  'Unlock it, set HALLPASS_VAULT_KEY to use an encrypted vault file, or refer to the secret with --secret-ref env:NAME or file:PATH.'

/**
 * The OS keychain: Keychain on macOS, Credential Manager on Windows, the Secret Service on Linux. Where its native part
 * does not load (no libsecret), the answer is a home of kind `none` that says so.
 */
export async function openKeychainHome(clock: Clock): Promise<SecretHome> {
  try {
    // Late, since the native part fails at import where libsecret is absent, and most commands never need it.
    const { default: keytar } = await import('keytar')
    return createKeychainHome(keytar, { clock })
  } catch (cause) {
    const missing = process.platform === 'linux' ? " (libsecret isn't installed)" : ''
    return createAbsentHome(
      `No keychain is available${missing}. Install one, set HALLPASS_VAULT_KEY to use an encrypted vault file, or refer to the secret with --secret-ref env:NAME or file:PATH.`,
      cause,
    )
  }
}

export function createKeychainHome(
  keychain: Keychain,
  { clock, timeoutMs = TIMEOUT_MS }: { clock: Clock; timeoutMs?: number },
): SecretHome {
  const ask = createKeychainQueue(timeoutMs, () => unavailable("isn't responding"))
  /** Requests that need the same secret at the same moment share one question to the OS. */
  const reading = new Map<string, Promise<Secret>>()
  const stored = new Map<string, { secret: Secret; until: number }>()

  async function read(account: string): Promise<Secret> {
    const value = await answer(() => keychain.getPassword(SERVICE, account))
    if (value === null) {
      throw new HallpassError(
        'SECRET_UNAVAILABLE',
        "This connection's secret is no longer in the keychain. Replace the secret.",
      )
    }
    const secret = secretOf(value, 'The secret in the keychain was changed outside Hallpass and')
    stored.set(account, { secret, until: clock.monotonic() + KEEP_MS })
    return secret
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
    description: `keychain (service "${SERVICE}")`,
    get(account) {
      const known = stored.get(account)
      if (known !== undefined && clock.monotonic() < known.until) return Promise.resolve(known.secret)
      stored.delete(account)
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
      stored.delete(account)
      await answer(() => keychain.setPassword(SERVICE, account, secret.reveal()))
      stored.delete(account)
      reading.delete(account)
    },
    async delete(account) {
      stored.delete(account)
      await answer(() => keychain.deletePassword(SERVICE, account))
      stored.delete(account)
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
  const message = cause instanceof Error ? cause.message : ''
  if (/locked|collection\/login|initialize prompt/i.test(message)) return 'is locked'
  if (/dismissed|denied|cancell?ed|not allowed|interaction/i.test(message)) return 'denied access'
  if (/autolaunch|dbus|d-bus|ServiceUnknown|not provided|secrets was not/i.test(message)) return "isn't running"
  return 'failed'
}
