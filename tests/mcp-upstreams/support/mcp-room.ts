import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { McpConnectionConfig } from '../../../src/contract/upstreams/mcp-connection.ts'
import { createMcpConnections } from '../../../src/engine/mcp-upstreams/create-mcp-connections.ts'
import type { McpConnections } from '../../../src/engine/mcp-upstreams/mcp-connections.ts'
import type { ClientFacing } from '../../../src/engine/mcp-upstreams/mcp-upstreams.ts'
import type { JsonObject } from '../../../src/engine/text/json.ts'
import { storedMcpConfig } from '../../../src/engine/mcp-upstreams/stored-config.ts'
import type { Resolve } from '../../../src/engine/egress/dial-guard.ts'
import { openSecretStore } from '../../../src/engine/secrets/open-secret-store.ts'
import { Secret } from '../../../src/engine/secrets/secret.ts'
import type { SecretStore } from '../../../src/engine/secrets/secret-store.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { prepareHome, TEST_VAULT_KEY } from '../../support/prepare-home.ts'
import { createTestClock, type TestClock } from '../../support/test-clock.ts'
import { until } from '../../support/until.ts'

const SERVER = fileURLToPath(new URL('start-stdio-server.mjs', import.meta.url))

/** The fixture as an upstream command, in one of its modes. */
export function fixture(mode = 'plain', detail = '', more: Partial<McpConnectionConfig> = {}): McpConnectionConfig {
  return { kind: 'mcp', command: process.execPath, args: [SERVER, mode, ...(detail === '' ? [] : [detail])], ...more }
}

export interface McpRoom {
  mcp: McpConnections
  store: Store
  secrets: SecretStore
  clock: TestClock
  home: string
  health: { id: number; problem: string | null }[]
  errors: unknown[]
  /** Connections that a call used, once for each call. */
  used: number[]
  notes: { connection: string; text: string }[]
  /** Tests and then stores it, like the owner API. */
  add(name: string, config: McpConnectionConfig, secret?: string): Promise<void>
  /** Stores it without a test. */
  keep(name: string, config: McpConnectionConfig): void
  /** Closes the kind and opens it again over the same folder, as a restart does. */
  restart(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export async function openMcpRoom(resolve?: Resolve): Promise<McpRoom> {
  const home = mkdtempSync(join(tmpdir(), 'hallpass-mcp-'))
  await prepareHome(home)
  const clock = createTestClock(Date.now())
  const store = openStore({ home, clock })
  const secrets = await openSecretStore({ home, vaultKey: TEST_VAULT_KEY, environment: process.env })
  const health: McpRoom['health'] = []
  const errors: unknown[] = []
  const used: number[] = []
  const notes: McpRoom['notes'] = []
  const open = (): McpConnections =>
    createMcpConnections({
      store,
      secrets,
      clock,
      home,
      version: '0.0.0',
      ownPort: () => null,
      resolve,
      health: {
        used: (id) => void used.push(id),
        answered: (id) => void health.push({ id, problem: null }),
        down: (id, problem) => void health.push({ id, problem }),
        failed: (id, { message }) => void health.push({ id, problem: message }),
      },
      onError: (error) => void errors.push(error),
      onNotes: (connection, text) => void notes.push({ connection, text }),
    })
  const row = (name: string, config: McpConnectionConfig, secret_location: string | null, secret_account: string) =>
    store.write.createConnection({
      name,
      kind: 'mcp',
      config: storedMcpConfig(config),
      secret_location,
      secret_account,
      created_at: clock.now(),
    })
  const room: McpRoom = {
    mcp: open(),
    store,
    secrets,
    clock,
    home,
    health,
    errors,
    used,
    notes,
    async add(name, config, secret) {
      const checked = await room.mcp.check(config, secret === undefined ? undefined : new Secret(secret))
      const kept = secret === undefined ? null : await secrets.keep(`account-${name}`, new Secret(secret))
      row(name, checked.config, kept, `account-${name}`)
      room.mcp.adopt(name, checked)
    },
    keep: (name, config) => void row(name, config, null, `account-${name}`),
    async restart() {
      await room.mcp.close()
      room.mcp = open()
    },
    async [Symbol.asyncDispose]() {
      await room.mcp.close()
      store.close()
      rmSync(home, { recursive: true, force: true })
    },
  }
  return room
}

/** A client that can't answer requests, and records what it receives. */
export function quietClient(
  more: Partial<ClientFacing> = {},
): ClientFacing & { told: { method: string; params: JsonObject | undefined }[] } {
  const told: { method: string; params: JsonObject | undefined }[] = []
  return {
    clientInfo: { name: 'test', version: '1' },
    capabilities: {},
    told,
    request: (method) => Promise.reject(new Error(`unexpected ${method}`)),
    notify: (method, params) => void told.push({ method, params }),
    ...more,
  }
}

/** The text of a tool result. */
export function textOf(result: JsonObject): string {
  return (result['content'] as { text: string }[])[0]?.text ?? ''
}

/** A process that has ended but was not yet taken note of by its parent (a zombie) runs no more. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return process.platform !== 'linux' || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

/** Waits until the condition is true, for a few seconds at most. */
export function eventually(holds: () => boolean | Promise<boolean>, ms = 25_000): Promise<void> {
  return until(String(holds), holds, ms)
}
