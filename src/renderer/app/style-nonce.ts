import { setNonce } from 'get-nonce'

/**
 * The page's policy allows style elements only with this load's nonce. Mantine takes it as an option, and the library
 * that locks scrolling behind a dialog reads it from `get-nonce`.
 */
export function carryStyleNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
  if (nonce !== '') setNonce(nonce)
  return nonce
}
