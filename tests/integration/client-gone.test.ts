import { request, type ClientRequest } from 'node:http'
import { join } from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import Database from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { post, startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { until } from '../support/until.ts'

const KEY = 'canary0key1of2the3stand4in5'
const DOC = 'sTandInDoc1234567890Ab'
// Long records, so that a batch has few of them.
const LINES = `{"Name":"${'x'.repeat(2000)}"}\n`.repeat(20)

/** A real HTTP client over a socket, which a program closes by ending. Rows are counted where they are stored. */
describe('a client that disconnects during a load', { timeout: 60_000 }, () => {
  let folder: string
  let engine: TestEngine
  let grist: GristStandIn
  let file: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hallpass-gone-'))
    file = join(folder, 'gone.sqlite')
    const db = new Database(file)
    db.exec('CREATE TABLE People (id INTEGER PRIMARY KEY, Name TEXT)')
    db.close()
    grist = await startGristStandIn({
      key: KEY,
      docs: { [DOC]: { People: { columns: { Name: { type: 'Text' } }, rows: [] } } },
    })
    engine = await startTestEngine({ sample: false })
    const { owner } = engine
    await owner.projects.create({ name: 'p' })
    await owner.connections.create({ name: 'sqlite', project: 'p', config: { kind: 'sqlite', path: file } })
    await owner.connections.create({
      name: 'grist',
      project: 'p',
      config: { kind: 'grist', url: grist.url, doc: grist.docId },
      secret: { value: KEY },
    })
  })
  afterAll(async () => {
    await engine?.[Symbol.asyncDispose]()
    await grist?.close()
    await rm(folder, { recursive: true, force: true })
  })

  async function session(document: string): Promise<string> {
    const { secret } = await engine.owner.tokens.create({
      project: 'p',
      name: document,
      kind: 'access',
      clone: true,
      force: true,
    })
    const { body } = await post(`${engine.url}/api/v1/sessions`, secret, { document, permissions: ['read', 'write'] })
    return body.token as string
  }
  /** Sends records without end, as fast as they are accepted, and returns once some are stored. */
  async function startLoad(token: string): Promise<{ load: ClientRequest; stop(): void }> {
    let isGone = false
    const load = request(`${engine.url}/api/v1/proxy?method=add_records&table=People`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        'content-type': 'application/x-ndjson',
        accept: 'application/x-ndjson',
      },
    })
    load.on('error', () => undefined)
    const send = (): void => {
      while (!isGone && load.write(LINES));
    }
    load.on('drain', send)
    send()
    await new Promise<void>((resolve, reject) => {
      load.on('response', (response) => {
        response.on('error', () => undefined)
        response.once('data', () => resolve())
      })
      load.once('close', () => reject(new Error('The load ended by itself.')))
    })
    return {
      load,
      stop() {
        isGone = true
        load.destroy()
      },
    }
  }
  async function count(document: string, token: string): Promise<number> {
    if (document === 'sqlite') {
      const db = new Database(file, { readonly: true })
      try {
        return db.prepare('SELECT count(*) FROM People').pluck().get() as number
      } finally {
        db.close()
      }
    }
    const { body } = await post(`${engine.url}/api/v1/proxy`, token, { method: 'get_records', table: 'People' })
    return body.data.records.length as number
  }

  it.each(['sqlite', 'grist'])('ends it in %s, with the number of stored records in the log', async (document) => {
    const token = await session(document)
    const { stop } = await startLoad(token)
    stop()
    let row: Awaited<ReturnType<TestEngine['owner']['requests']['list']>>[number] | undefined
    await until('the load has ended', async () => {
      ;[row] = await engine.owner.requests.list({ connection: document, method: 'add_records', limit: 1 })
      return row?.status !== undefined && row.status !== null
    })
    const stored = await count(document, token)
    expect(stored).toBeGreaterThan(0)
    expect(row?.status).not.toBe(200)
    // A batch that Grist was storing when the client left may be stored without being counted.
    const uncounted = stored - (row?.records ?? 0)
    if (document === 'sqlite') expect(uncounted).toBe(0)
    else expect(uncounted).toBeGreaterThanOrEqual(0)
    // Whatever was still on its way would be stored before these.
    await post(`${engine.url}/api/v1/proxy`, token, {
      method: 'add_records',
      table: 'People',
      records: [{ Name: 'last' }],
    })
    expect(await count(document, token)).toBe(stored + 1)
  })
})
