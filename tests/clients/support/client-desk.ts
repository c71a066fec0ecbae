import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TokenRecord } from '../../../src/contract/records.ts'
import type { ClientChoice } from '../../../src/engine/clients/client-connections.ts'
import { createClientConnections } from '../../../src/engine/clients/create-client-connections.ts'
import type { Launch } from '../../../src/engine/clients/client-folders.ts'
import { createTestClock } from '../../support/test-clock.ts'

export const CANARY = 'sk-canary-4f1e9c7b'

export function localToken(name: string, changes: Partial<TokenRecord> = {}): TokenRecord {
  return {
    name,
    project: 'sales',
    kind: 'local',
    prefix: null,
    grants: [],
    rate: null,
    mode: null,
    answer_chars: null,
    budget: null,
    budget_used: { requests: 0, records: 0, bytes: 0 },
    paused: false,
    description: '',
    revision: 1,
    created_at: '',
    last_used_at: null,
    expires_at: null,
    revoked_at: null,
    status: 'active',
    ...changes,
  }
}

/** The clients module for a temporary user with a home folder, a data folder and an existing command. */
export function clientDesk(options: { environment?: Launch['environment'] } = {}) {
  const root = mkdtempSync(join(tmpdir(), 'hallpass-clients-'))
  const home = join(root, 'user')
  const folder = join(root, 'data', 'clients')
  const program = join(root, 'bin', 'hallpass')
  mkdirSync(home)
  mkdirSync(dirname(program))
  writeFileSync(program, '')
  const projects: Record<string, TokenRecord[] | undefined> = {
    sales: [localToken('agent')],
    shop: [localToken('agent')],
  }
  const clock = createTestClock()
  const make = (launch: Launch = { command: [program], environment: options.environment ?? {} }) =>
    createClientConnections({
      folder,
      clock,
      launch,
      places: { platform: 'linux', home, environment: {} },
      tokens: async (project) => projects[project] ?? null,
    })
  return {
    clients: make(),
    make,
    projects,
    folder,
    home,
    program,
    clock,
    file: (path: string) => join(home, path),
    put(path: string, text: string | Buffer) {
      mkdirSync(dirname(join(home, path)), { recursive: true })
      writeFileSync(join(home, path), text)
    },
    read: (path: string) => readFileSync(join(home, path), 'utf8'),
    there: (path: string) => existsSync(join(home, path)),
    [Symbol.dispose]() {
      rmSync(root, { recursive: true, force: true })
    },
  }
}

export function choice(client: string, changes: Partial<ClientChoice> = {}): ClientChoice {
  return { client, project: 'sales', token: null, seen: null, environment: null, ...changes }
}
