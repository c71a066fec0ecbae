import type { Clock } from '../../engine/clock.ts'
import { startLife, type Life } from './console-life.ts'
import { hashOf, newSecret, sameHash } from './console-secret.ts'

export const CODE_LIFE_MS = 60_000
/** Unused codes. The oldest is dropped to make room for a new one. */
const MAX_CODES = 16

interface SignInCodes {
  /** Creates a code that works once, for 60 seconds. Only its hash is stored. */
  create(): { code: string; expiresAt: number }
  /** Returns true once per code, until it expires. */
  redeem(code: string): boolean
  clear(): void
}

export function createSignInCodes(clock: Clock): SignInCodes {
  let open: { hash: Buffer; life: Life }[] = []
  return {
    create() {
      const code = newSecret()
      open = [
        ...open.filter((one) => !one.life.isExpired()),
        { hash: hashOf(code), life: startLife(clock, CODE_LIFE_MS) },
      ].slice(-MAX_CODES)
      return { code, expiresAt: clock.now() + CODE_LIFE_MS }
    },
    redeem(code) {
      open = open.filter((one) => !one.life.isExpired())
      const hash = hashOf(code)
      const found = open.filter((one) => sameHash(one.hash, hash))
      open = open.filter((one) => !found.includes(one))
      return found.length > 0
    },
    clear() {
      open = []
    },
  }
}
