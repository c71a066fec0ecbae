import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './app/global.css'
import { setNonce } from 'get-nonce'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { openEngineClient } from './lib/engine-client.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no root element.')
const nonce = carryStyleNonce()
createRoot(root).render(<App client={openEngineClient(window)} styleNonce={nonce} />)

/**
 * The page's policy allows style elements only with this load's nonce. Mantine takes it as an option, and the library
 * that locks scrolling behind a dialog reads it from `get-nonce`.
 */
function carryStyleNonce(): string {
  const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''
  if (nonce !== '') setNonce(nonce)
  return nonce
}
