import crypto from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { openSecretStore } from '../../src/engine/secrets/open-secret-store.ts'
import { Secret } from '../../src/engine/secrets/secret.ts'
import { VAULT_FILE } from '../../src/engine/secrets/vault-location.ts'
import { migrate } from '../../src/engine/store/migrations/migrate.ts'

/** The key of every vault file in tests. */
export const TEST_VAULT_KEY = 'a key for tests only'

let vault: Promise<Buffer> | undefined
let database: Buffer | undefined

/**
 * Puts a vault file without secrets and a database without rows into a new data folder. All of these vault files have the
 * same salt, and this process derives their key once instead of in each test, which takes half a second of one core.
 */
export async function prepareHome(home: string): Promise<void> {
  prepareDatabase(home)
  vault ??= createVault()
  writeFileSync(join(home, VAULT_FILE), await vault, { mode: 0o600, flag: 'wx' })
}

/** Puts a database without rows into a new data folder, which is faster than creating its tables there. */
export function prepareDatabase(home: string): void {
  database ??= createDatabase()
  writeFileSync(join(home, 'hallpass.db'), database, { mode: 0o600, flag: 'wx' })
}

async function createVault(): Promise<Buffer> {
  rememberDerivedKeys()
  const home = mkdtempSync(join(tmpdir(), 'hallpass-vault-'))
  const store = await openSecretStore({ home, vaultKey: TEST_VAULT_KEY, environment: {} })
  await store.keep('first', new Secret('a secret'))
  await store.forget('vault', 'first')
  const bytes = readFileSync(join(home, VAULT_FILE))
  rmSync(home, { recursive: true })
  return bytes
}

function createDatabase(): Buffer {
  const home = mkdtempSync(join(tmpdir(), 'hallpass-database-'))
  const created = new SqliteDatabase(join(home, 'hallpass.db'))
  created.pragma('journal_mode = WAL')
  migrate(created)
  created.close()
  const bytes = readFileSync(join(home, 'hallpass.db'))
  rmSync(home, { recursive: true })
  return bytes
}

/** Remembers derived keys. The result depends only on the arguments. */
function rememberDerivedKeys(): void {
  type Done = (error: Error | null, key: Buffer) => void
  const derived = new Map<string, Buffer>()
  const derive = crypto.scrypt as (...all: [string, Buffer, number, crypto.ScryptOptions, Done]) => void
  const remember: typeof derive = (password, salt, length, options, done) => {
    const name = JSON.stringify([password, salt.toString('hex'), length, options])
    const known = derived.get(name)
    if (known !== undefined) return void setImmediate(() => done(null, Buffer.from(known)))
    derive(password, salt, length, options, (error, key) => {
      if (error === null) derived.set(name, Buffer.from(key))
      done(error, key)
    })
  }
  Object.assign(crypto, { scrypt: remember })
  // Modules that imported the function by name get the new one.
  syncBuiltinESMExports()
}
