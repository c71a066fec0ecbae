import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { newAccessToken } from '../../../src/engine/text/token-format.ts'
import { post, startTestEngine, type TestEngine } from '../../support/start-test-engine.ts'
import { createForwardClock } from '../../support/test-clock.ts'

const hashOf = (token: string): string => createHash('sha256').update(token).digest('hex')

let engine: TestEngine
let clock: ReturnType<typeof createForwardClock>
beforeEach(async () => {
  clock = createForwardClock()
  engine = await startTestEngine({ clock })
})
afterEach(() => engine[Symbol.asyncDispose]())

const tokenOf = async (name: string, project = 'demo'): Promise<string> =>
  (await engine.owner.tokens.create({ project, name, kind: 'access', clone: true })).secret ?? ''
const rowsOf = (token: string) => engine.owner.requests.list({ hash: hashOf(token) })
const mintWith = (token: string) =>
  post(`${engine.url}/api/v1/sessions`, token, { document: 'sales', permissions: ['read'] })

describe('the log names the caller', () => {
  it('with a valid token, by its name, project and hash', async () => {
    const token = await tokenOf('agent')
    const { body } = await mintWith(token)
    await post(`${engine.url}/api/v1/proxy`, body['token'] as string, { method: 'list_tables' })
    expect(await rowsOf(token)).toMatchObject([{ token: 'agent', project: 'demo', status: 200 }])
    expect(await rowsOf(body['token'] as string)).toMatchObject([
      { token_kind: 'session', parent: 'agent', project: 'demo', status: 200 },
    ])
  })

  it.each(['revoked', 'expired', 'rotated', 'deleted'] as const)('with a token that was %s', async (how) => {
    const token = await tokenOf('agent')
    const names = { project: 'demo', name: 'agent' }
    if (how === 'revoked') await engine.owner.tokens.revoke(names)
    else if (how === 'rotated') await engine.owner.tokens.rotate(names)
    else if (how === 'deleted') await engine.owner.tokens.delete(names)
    else {
      await engine.owner.tokens.extend({ ...names, ttl: '1h' })
      clock.forward(3_600_000)
    }
    expect((await mintWith(token)).status).toBe(401)
    const [row] = await rowsOf(token)
    expect(row).toMatchObject({ token: 'agent', project: 'demo', token_kind: 'access' })
  })

  it('with a token of another project', async () => {
    await engine.owner.projects.create({ name: 'other' })
    const token = await tokenOf('stray', 'other')
    const reply = await post(`${engine.url}/projects/demo/mcp`, token, { jsonrpc: '2.0', id: 1, method: 'ping' })
    expect(reply.status).toBe(403)
    expect(await rowsOf(token)).toMatchObject([{ token: 'stray', project: 'other', status: 403 }])
  })

  it('with a session token that ended', async () => {
    const { token, session } = await engine.owner.sessions.mint({
      project: 'demo',
      document: 'sales',
      permissions: ['read'],
    })
    await engine.owner.sessions.revoke({ id: session.id })
    await post(`${engine.url}/api/v1/proxy`, token, { method: 'list_tables' })
    expect(await rowsOf(token)).toMatchObject([{ token: session.id, project: 'demo', status: 401 }])
  })

  it('with an unknown token, by its hash alone, without linking rows of several tokens', async () => {
    const [one, other] = [newAccessToken().token, newAccessToken().token]
    await mintWith(one)
    expect(await rowsOf(one)).toMatchObject([{ token: null, project: null, status: 401 }])
    await mintWith(other)
    expect(await rowsOf(other)).toEqual([])
    expect(JSON.stringify(await engine.owner.requests.list({}))).not.toContain(one)
  })
})
