/** Opens the mcp kind over a data folder and starts one upstream; then waits to be killed, or exits as a host that crashes does. */
import { systemClock } from '../../../src/engine/clock.ts'
import { createMcpConnections } from '../../../src/engine/mcp-upstreams/create-mcp-connections.ts'
import { openSecretStore } from '../../../src/engine/secrets/open-secret-store.ts'
import { createMemoryStore } from '../../support/memory-store.ts'

const [home = '', config = '', then] = process.argv.slice(2)
const store = createMemoryStore()
const { kind: _kind, ...kept } = JSON.parse(config) as Record<string, unknown>
store.write.createConnection({
  name: 'up',
  kind: 'mcp',
  config: kept,
  secret_location: null,
  secret_account: 'a',
  created_at: 0,
})
const mcp = createMcpConnections({
  store,
  home,
  clock: systemClock,
  version: '0',
  ownPort: () => null,
  onError: () => undefined,
  onNotes: () => undefined,
  secrets: await openSecretStore({ home, vaultKey: 'a key for tests only', environment: {} }),
  health: { used: () => undefined, answered: () => undefined, down: () => undefined, failed: () => undefined },
})
await mcp
  .openSession('up', {
    clientInfo: { name: 'host', version: '0' },
    capabilities: {},
    notify: () => undefined,
    request: () => Promise.reject(new Error('no')),
  })
  .opened()
if (then === 'exit') process.exit(1)
setInterval(() => undefined, 1000)
