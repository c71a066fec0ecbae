import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { post, startTestEngine } from '../support/start-test-engine.ts'
import { until } from '../support/until.ts'

const CHILD = join(import.meta.dirname, '..', 'support', 'engine-child.ts')

async function startChild(home: string): Promise<{ child: ChildProcess; url: string; secret: string }> {
  const child = spawn(process.execPath, [CHILD, home], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout ?? child, 'data')) as [Buffer]
  return { child, ...(JSON.parse(String(line)) as { url: string; secret: string }) }
}

test('SIGKILL under load loses no token, no revoke, and no log row older than 100 ms', async () => {
  const home = await mkdtemp(join(tmpdir(), 'hallpass-kill-'))
  try {
    const { child, url, secret } = await startChild(home)
    const session = await post(`${url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
    const answered: { id: string; at: number }[] = []
    const load = Array.from({ length: 4 }, async (_, worker) => {
      for (let turn = 0; child.exitCode === null && child.signalCode === null; turn++) {
        const id = `kill-${worker}-${turn}`
        try {
          const reply = await post(
            `${url}/api/v1/proxy`,
            session.body.token,
            { method: 'list_tables' },
            { 'x-request-id': id },
          )
          if (reply.status === 200) answered.push({ id, at: performance.now() })
        } catch (error) {
          // The connection breaks when the engine is killed; that is the end of the load.
          if (!(error instanceof TypeError) && !(error instanceof SyntaxError)) throw error
          return
        }
      }
    })
    const dueAt = (instant: number) => answered.filter(({ at }) => at < instant - 150)
    await until('enough calls were answered long enough ago', () => dueAt(performance.now()).length > 50)
    const killedAt = performance.now()
    child.kill('SIGKILL')
    await Promise.all([once(child, 'exit'), ...load])

    await using engine = await startTestEngine({ home })
    const old = await post(`${engine.url}/api/v1/proxy`, session.body.token, { method: 'list_tables' })
    expect(old.status).toBe(401)
    const revoked = (await engine.owner.tokens.list({ project: 'demo' })).find((token) => token.name === 'revoked')
    expect(revoked?.status).toBe('revoked')
    const again = await post(`${engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['read'] })
    expect(again.status).toBe(200)

    const logged = new Set((await engine.owner.requests.list({ limit: 10_000 })).map((row) => row.request_id))
    const due = dueAt(killedAt)
    expect(due.length).toBeGreaterThan(50)
    expect(due.filter(({ id }) => !logged.has(id))).toEqual([])
  } finally {
    await rm(home, { recursive: true, force: true })
  }
})
