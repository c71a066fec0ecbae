import '@mantine/core/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import './app/global.css'
import { createRoot } from 'react-dom/client'
import { App } from './app/app.tsx'
import { carryStyleNonce } from './app/style-nonce.ts'
import { openEngineClient } from './lib/engine-client.ts'

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no root element.')
const nonce = carryStyleNonce()
createRoot(root).render(<App client={openEngineClient(window)} styleNonce={nonce} />)
