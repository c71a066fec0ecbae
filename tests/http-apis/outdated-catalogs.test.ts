import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startTestEngine } from '../support/start-test-engine.ts'
import { createTestClock } from '../support/test-clock.ts'
import { until } from '../support/until.ts'
import { smallApi } from './support/openapi-documents.ts'
import { startHttpUpstream, type TestUpstream } from './support/start-http-upstream.ts'

describe('a catalog that an earlier version stored', () => {
  let home: string
  let upstream: TestUpstream
  let isUp = true
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'hallpass-outdated-'))
    isUp = true
    upstream = await startHttpUpstream({
      answer(request, response) {
        response.writeHead(isUp || request.url?.endsWith('openapi.json') !== true ? 200 : 503)
        response.end(JSON.stringify(smallApi()))
      },
    })
  })
  afterEach(async () => {
    await upstream[Symbol.asyncDispose]()
    await rm(home, { recursive: true, force: true })
  })

  /** Creates the connection and replaces its catalog by one of the first format, which had fewer fields. */
  async function storeOld(openapi: object): Promise<void> {
    const engine = await startTestEngine({ sample: false, home })
    await engine.owner.projects.create({ name: 'p' })
    await engine.owner.connections.create({
      name: 'stays',
      project: 'p',
      config: { kind: 'http', url: `${upstream.url}/v1`, openapi },
    })
    await engine.stop()
    const file = join(home, 'openapi', '1.json')
    const stored = JSON.parse(await readFile(file, 'utf8'))
    await writeFile(file, JSON.stringify({ ...stored, format: 1, tags: undefined, schemas: undefined }))
  }
  const chosen = async (engine: Awaited<ReturnType<typeof startTestEngine>>): Promise<string[] | undefined> =>
    (await engine.owner.connections.http({ name: 'stays' })).openapi?.operations
      .filter((one) => one.chosen)
      .map(({ id }) => id)

  it('is read again from its source when the engine starts, with the same selection', async () => {
    await storeOld({ source: { url: `${upstream.url}/openapi.json` }, operations: ['getListing'] })
    await using engine = await startTestEngine({ sample: false, home })
    await until('its document is read', async () => (await chosen(engine)) !== undefined)
    expect(await chosen(engine)).toEqual(['getListing'])
    expect((await engine.owner.status()).notices).toEqual([])
  })

  it('is reported if its source does not respond, and read as soon as it does', async () => {
    await storeOld({ source: { url: `${upstream.url}/openapi.json` }, operations: ['getListing'] })
    isUp = false
    const clock = createTestClock()
    await using engine = await startTestEngine({ sample: false, home, clock })
    const before = upstream.seen.length
    await until('its document is requested', () => upstream.seen.length > before)
    expect((await engine.owner.status()).notices).toEqual([expect.stringContaining('hallpass refresh stays')])
    isUp = true
    await until('its document is read', async () => {
      clock.advance(60_000)
      return (await chosen(engine)) !== undefined
    })
    expect(await chosen(engine)).toEqual(['getListing'])
    expect((await engine.owner.status()).notices).toEqual([])
  })

  it('keeps its selection in a manual refresh too', async () => {
    await storeOld({ source: { url: `${upstream.url}/openapi.json` }, operations: ['getListing'] })
    isUp = false
    await using engine = await startTestEngine({ sample: false, home, clock: createTestClock() })
    await until('a notice', async () => (await engine.owner.status()).notices.length > 0)
    isUp = true
    expect(await engine.owner.connections.refreshOpenapi({ name: 'stays' })).toMatchObject({ operations: 1 })
    expect(await chosen(engine)).toEqual(['getListing'])
  })

  it("from a pasted document is reported, because it can't be read again", async () => {
    await storeOld({ source: { text: JSON.stringify(smallApi()) } })
    await using engine = await startTestEngine({ sample: false, home })
    expect((await engine.owner.status()).notices).toEqual([expect.stringContaining('"stays"')])
    await expect(engine.owner.connections.refreshOpenapi({ name: 'stays' })).rejects.toMatchObject({
      data: { code: 'INVALID_REQUEST', field: 'name' },
    })
    await engine.owner.connections.delete({ name: 'stays' })
    expect((await engine.owner.status()).notices).toEqual([])
  })
})
