import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import type { Clock } from '../../../src/engine/clock.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { createTestClock } from '../../support/test-clock.ts'

export interface MovableClock extends Clock {
  move(milliseconds: number): void
}

export function movableClock(start = Date.UTC(2026, 0, 15, 12)): MovableClock {
  const clock = createTestClock(start, 0)
  return { ...clock, move: clock.advance }
}

/** Temp folders and stores of one test file, cleared after each test. */
export function dataFolders(): {
  folder(): string
  open(home: string, options?: Partial<Omit<Parameters<typeof openStore>[0], 'home'>>): Store
} {
  const folders: string[] = []
  const stores: Store[] = []
  afterEach(() => {
    for (const store of stores.splice(0)) store.close()
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
  })
  return {
    folder() {
      const made = mkdtempSync(join(tmpdir(), 'hallpass-store-'))
      folders.push(made)
      return made
    },
    open(home, options = {}) {
      const store = openStore({ home, clock: movableClock(), ...options })
      stores.push(store)
      return store
    },
  }
}

/** A project `sales` that includes the connection `crm`. */
export function seedProject(store: Store): { projectId: number; connectionId: number } {
  const project = store.write.createProject('sales', 1)
  const connection = store.write.createConnection({
    name: 'crm',
    kind: 'sqlite',
    config: { path: 'crm.sqlite' },
    secret_location: null,
    secret_account: 'account-1',
    created_at: 1,
  })
  store.write.include(project.id, connection.id)
  return { projectId: project.id, connectionId: connection.id }
}

export function addToken(store: Store, projectId: number, name: string): number {
  return store.write.createToken({
    project_id: projectId,
    name,
    kind: 'access',
    prefix: 'hp_pat_abc',
    hash: `hash-of-${name}`,
    rate: null,
    created_at: 1,
    expires_at: null,
    grants: [{ connection: 'crm', permissions: ['read', 'write'], tables: ['Orders'] }],
  }).id
}
