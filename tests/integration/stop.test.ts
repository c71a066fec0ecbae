import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { post, startTestEngine } from '../support/start-test-engine.ts'

test("an engine that can't write while it stops keeps its log and releases its folder", async () => {
  const home = await mkdtemp(join(tmpdir(), 'hallpass-stop-'))
  try {
    const engine = await startTestEngine({ home })
    const { secret } = await engine.owner.tokens.create({ project: 'demo', name: 'agent', kind: 'access', clone: true })
    const outside = new Database(join(home, 'hallpass.db'))
    outside.exec(
      "CREATE TRIGGER refuse BEFORE UPDATE OF last_used_at ON tokens BEGIN SELECT RAISE(ABORT, 'refused'); END",
    )
    expect((await post(`${engine.url}/api/v1/sessions`, secret, { permissions: ['read'] })).status).toBe(200)
    await expect(engine.stop()).rejects.toThrow('refused')
    outside.exec('DROP TRIGGER refuse')
    outside.close()
    await using next = await startTestEngine({ home })
    expect(await next.owner.requests.list({ method: 'request_session_token' })).toMatchObject([
      { status: 200, token: 'agent' },
    ])
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
