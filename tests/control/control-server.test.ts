import { statSync } from 'node:fs'
import { request } from 'node:http'
import { dirname } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { connectControl, engineRuns } from '../../src/control/control-client.ts'
import { eachRow } from '../../src/contract/owner-api/log-events.ts'
import { startControlServer, type ControlServer } from '../../src/control/control-server.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'

describe('control socket', () => {
  let engine: TestEngine
  let server: ControlServer
  beforeAll(async () => {
    engine = await startTestEngine()
    server = await startControlServer({
      home: engine.home,
      router: engine.ownerRouter,
      serveStream: engine.serveStream,
    })
  })
  afterAll(async () => {
    await server.close()
    expect(await engineRuns(engine.home)).toBe(false)
    await engine[Symbol.asyncDispose]()
  })

  const statusFor = (headers: Record<string, string>) =>
    new Promise<number | undefined>((resolve, reject) => {
      request({ socketPath: server.path, path: '/rpc/status', method: 'POST', headers }, (response) => {
        response.resume()
        resolve(response.statusCode)
      })
        .on('error', reject)
        .end('{}')
    })

  it('rejects an Origin and a foreign Host', async () => {
    expect(await statusFor({ host: 'hallpass.control', origin: 'http://localhost' })).toBe(403)
    expect(await statusFor({ host: 'localhost' })).toBe(403)
  })

  it('rejects a stream for an unknown project with a reason', async () => {
    const client = await connectControl({ home: engine.home })
    await expect(client.openStream('nowhere')).rejects.toMatchObject({ name: 'HallpassError' })
    client.close()
  })

  it('can be opened only by its user', () => {
    expect(statSync(server.path).mode & 0o777).toBe(0o600)
    expect(statSync(dirname(server.path)).mode & 0o777).toBe(0o700)
  })

  it('carries calls, errors and the live log', async () => {
    const client = await connectControl({ home: engine.home })
    const stop = new AbortController()
    const feed = eachRow(await client.api.requests.follow({}, { signal: stop.signal }))
    await expect(client.api.projects.create({ name: 'demo' })).rejects.toMatchObject({
      name: 'HallpassError',
      code: 'INVALID_REQUEST',
    })
    const next = await feed.next()
    expect(next.value).toMatchObject({ method: 'projects.create' })
    stop.abort()
    expect((await client.api.status()).pid).toBe(process.pid)
    client.close()
  })
})
