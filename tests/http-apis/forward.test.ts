import { afterEach, describe, expect, it } from 'vitest'
import { startHttpApiRig, SECRET } from './support/start-http-api-rig.ts'
import { startHttpUpstream } from './support/start-http-upstream.ts'

const open: AsyncDisposable[] = []
afterEach(async () => {
  for (const one of open.splice(0).toReversed()) await one[Symbol.asyncDispose]()
})
const kept = <T extends AsyncDisposable>(one: T): T => {
  open.push(one)
  return one
}

describe('an HTTP API', () => {
  it("returns the upstream's response, requested with the connection's key", async () => {
    const upstream = kept(await startHttpUpstream())
    const rig = kept(await startHttpApiRig({ url: `${upstream.url}/v2`, auth: { type: 'bearer' } }))
    const reply = await rig.ask('/listings/5?limit=2')
    expect({ status: reply.status, body: await reply.text() }).toEqual({ status: 200, body: '{"ok":true}' })
    expect(upstream.seen[0]).toMatchObject({
      method: 'GET',
      url: '/v2/listings/5?limit=2',
      headers: { authorization: `Bearer ${SECRET}` },
    })
    expect(rig.rows.at(-1)).toMatchObject({
      transport: 'http',
      method: 'GET',
      connection: 'api',
      resource: '/listings/5',
      outcome: { status: 200, bytes_out: 11 },
    })
  })
})
