import fs from 'node:fs'
import { join } from 'node:path'
import SqliteDatabase from 'better-sqlite3'
import { expect, test, vi } from 'vitest'
import { startTestEngine } from '../support/start-test-engine.ts'

test("a last use that can't be written is reported in the diagnostic log", async () => {
  const written: string[] = []
  const { writeSync } = fs
  const spy = vi.spyOn(fs, 'writeSync').mockImplementation(((...given: Parameters<typeof writeSync>) => {
    if (given[0] !== 2) return writeSync(...given)
    written.push(String(given[1]))
    return String(given[1]).length
  }) as typeof writeSync)
  await using engine = await startTestEngine({ logLevel: 'error' })
  const { secret } = await engine.owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', clone: true })
  const database = new SqliteDatabase(join(engine.home, 'hallpass.db'))
  database.exec("CREATE TRIGGER broken BEFORE UPDATE OF last_used_at ON tokens BEGIN SELECT RAISE(FAIL, 'broken'); END")
  const headers = { authorization: `Bearer ${secret ?? ''}` }
  expect((await fetch(`${engine.url}/api/v1/tokens/introspect`, { headers })).status).toBe(200)
  await fetch(`${engine.url}/api/v1/sessions`, { method: 'POST', headers, body: '{}' })
  await expect
    .poll(() => written.find((line) => line.includes('"request_id":"access"')), { timeout: 20_000 })
    .toContain('broken')
  database.exec('DROP TRIGGER broken')
  database.close()
  spy.mockRestore()
}, 40_000)
