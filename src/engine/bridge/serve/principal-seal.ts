import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Principal } from '../../access/principal.ts'
import type { Store } from '../../store/store.ts'

/** Signs data that passes through a client, for one token only. */
interface PrincipalSeal {
  /** Returns the body with a signature after a dot. */
  seal(principal: Principal, body: string): string
  /** Returns the body, or null if the text was altered, isn't ours or belongs to another token. */
  open(principal: Principal, text: string): string | null
}

/**
 * `setting` names the key's place in the store, so that signatures remain valid after a restart. Without a store, the
 * key is only in memory.
 */
export function createPrincipalSeal(setting: string, store?: Pick<Store, 'read' | 'write'>): PrincipalSeal {
  let key: Buffer | null = null

  function signingKey(): Buffer {
    if (key !== null) return key
    const stored = store?.read.setting(setting) ?? null
    key = stored === null ? randomBytes(32) : Buffer.from(stored, 'base64url')
    if (stored === null) store?.write.setSetting(setting, key.toString('base64url'))
    return key
  }

  // Row IDs are reused after a deletion, so names are signed too.
  function sign(principal: Principal, body: string): string {
    const owner = JSON.stringify([
      principal.project.id,
      principal.project.name,
      principal.kind,
      principal.tokenId,
      principal.name,
    ])
    return createHmac('sha256', signingKey()).update(owner).update('\0').update(body).digest('base64url')
  }

  return {
    seal: (principal, body) => `${body}.${sign(principal, body)}`,
    open(principal, text) {
      const cut = text.lastIndexOf('.')
      if (cut < 0) return null
      const body = text.slice(0, cut)
      const expected = Buffer.from(sign(principal, body))
      const given = Buffer.from(text.slice(cut + 1))
      return given.length === expected.length && timingSafeEqual(given, expected) ? body : null
    },
  }
}
