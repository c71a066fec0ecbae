import { expect } from 'vitest'
import type { HttpApiRig } from '../../../http-apis/support/start-http-api-rig.ts'
import type { TestUpstream } from '../../../http-apis/support/start-http-upstream.ts'

/** The process lives, and the next good request works. */
export async function expectGoodRequest(rig: HttpApiRig, upstream: TestUpstream): Promise<void> {
  upstream.at.set(`${new URL(rig.baseUrl).pathname.replace(/\/$/, '')}/good`, (_request, response) =>
    response.end('good'),
  )
  const reply = await rig.ask('/good')
  expect(await reply.text()).toBe('good')
  expect(reply.status).toBe(200)
  expect(rig.internal).toEqual([])
}
