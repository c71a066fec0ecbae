import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

/** 32 random bytes as 43 characters of base64url. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url')
}

export const HASH_BYTES = 32

export function hashOf(secret: string): Buffer {
  return createHash('sha256').update(secret).digest()
}

export function sameHash(one: Buffer, other: Buffer): boolean {
  return timingSafeEqual(one, other)
}
