import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { HallpassError } from '../../../src/contract/errors.ts'
import type { ErrorCode } from '../../../src/contract/error-table.ts'
import type { Grant } from '../../../src/contract/grants.ts'
import type { ConnectionKind } from '../../../src/contract/records.ts'
import type { Access } from '../../../src/engine/access/access.ts'
import { createAccess } from '../../../src/engine/access/create-access.ts'
import type { AccessOptions } from '../../../src/engine/access/create-access.ts'
import { openStore } from '../../../src/engine/store/open-store.ts'
import type { Store } from '../../../src/engine/store/store.ts'
import { prepareDatabase } from '../../support/prepare-home.ts'
import { createMemoryStore } from '../../support/memory-store.ts'
import { createTestClock } from '../../support/test-clock.ts'
import type { TestClock } from '../../support/test-clock.ts'

export type MakeStore = (clock: TestClock) => Store

export const STORES: [string, MakeStore][] = [
  ['in memory', () => createMemoryStore()],
  [
    'on disk',
    (clock) => {
      const home = mkdtempSync(join(tmpdir(), 'hallpass-access-'))
      prepareDatabase(home)
      const store = openStore({ home, clock })
      onTestFinished(() => {
        store.close()
        rmSync(home, { recursive: true, force: true })
      })
      return store
    },
  ],
]

export interface Room {
  store: Store
  clock: TestClock
  access: Access
  /** Creates an access token in project `shop` and returns its secret. */
  token(name: string, grants: Grant[], more?: Partial<Parameters<Access['createToken']>[0]>): Promise<string>
}

/** Projects `shop` (sales, stock, listings) and `other` (ledger); `nowhere` is included in none. */
export function openRoom(makeStore: MakeStore = createMemoryStore, options: Partial<AccessOptions> = {}): Room {
  const clock = createTestClock()
  const store = makeStore(clock)
  const created = clock.now()
  const shop = store.write.createProject('shop', created)
  const other = store.write.createProject('other', created)
  const connect = (name: string, kind: ConnectionKind): number =>
    store.write.createConnection({
      name,
      kind,
      config: {},
      secret_location: null,
      secret_account: `account-${name}`,
      created_at: created,
    }).id
  store.write.include(shop.id, connect('sales', 'sqlite'))
  store.write.include(shop.id, connect('stock', 'grist'))
  store.write.include(shop.id, connect('listings', 'http'))
  store.write.include(other.id, connect('ledger', 'sqlite'))
  connect('nowhere', 'sqlite')
  const access = openAccess(store, clock, options)
  return {
    store,
    clock,
    access,
    token: async (name, grants, more) =>
      (await access.createToken({ project: 'shop', name, kind: 'access', grants, ...more })).secret ?? '',
  }
}

export function openAccess(store: Store, clock: TestClock, options: Partial<AccessOptions> = {}): Access {
  const access = createAccess({ store, clock, ...options })
  onTestFinished(() => access.close())
  return access
}

/** Returns code, field and sentence of what the work throws; fails if it throws nothing, or something else. */
export function refusal(work: () => Promise<unknown>): Promise<Refusal>
export function refusal(work: () => unknown): Refusal
export function refusal(work: () => unknown): Refusal | Promise<Refusal> {
  try {
    const result = work()
    if (result instanceof Promise) return result.then(notRefused, refusalOf)
  } catch (error) {
    return refusalOf(error)
  }
  return notRefused()
}

export interface Refusal {
  code: ErrorCode
  message: string
  field?: string | undefined
}

function refusalOf(error: unknown): Refusal {
  if (error instanceof HallpassError) return { code: error.code, field: error.field, message: error.message }
  throw error
}

function notRefused(): never {
  throw new Error('was not refused')
}

export const readSales: Grant = { connection: 'sales', permissions: ['read'] }
export const editSales: Grant = { connection: 'sales', permissions: ['read', 'write'] }
