import { setNonce } from 'get-nonce'

/**
 * The page's policy allows style elements only with the nonce of this load. Mantine asks for it; the library that locks
 * scrolling behind a dialog reads it from `get-nonce`.
 */
export function carryStyleNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
  if (nonce !== '') setNonce(nonce)
  return nonce
}
