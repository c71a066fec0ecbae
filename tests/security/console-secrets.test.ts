import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { codeOf, connectConsole, type ConsoleClient } from '../support/console-client.ts'
import { startConsoleEngine, type ConsoleEngine } from '../support/console-engine.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'

const KEY = 'canary-of-the-grist-key-0123456789'
const NEXT_KEY = 'canary-of-the-next-key-0123456789'

let grist: GristStandIn
let engine: ConsoleEngine
let console: ConsoleClient
let link: string
beforeAll(async () => {
  grist = await startGristStandIn({ key: KEY })
  engine = await startConsoleEngine()
  link = engine.link()
  console = await connectConsole(link)
})
afterAll(async () => {
  await engine[Symbol.asyncDispose]()
  await grist.close()
})

test('no response contains a key typed into the console, whether it is stored or rejected', async () => {
  const { api } = console
  const config = { kind: 'grist' as const, url: grist.url, doc: grist.docId }
  const leaving = new AbortController()
  const feed = await api.requests.follow({}, { signal: leaving.signal })
  await expect(
    api.connections.create({ name: 'wrong', project: 'demo', config, secret: { value: `${KEY}-wrong` } }),
  ).rejects.toThrow()
  await api.connections.create({ name: 'crm', project: 'demo', config, secret: { value: KEY } })
  await expect(api.connections.create({ name: 'crm', config, secret: { value: KEY } })).rejects.toThrow()
  await expect(api.connections.create({ name: 'Bad Name', config, secret: { value: KEY } })).rejects.toThrow()
  await expect(
    api.connections.create({ name: 'odd', config, secret: { value: KEY, more: KEY } as never }),
  ).rejects.toThrow()
  await expect(
    api.connections.create({ name: 'odd', config: { ...config, url: 17 } as never, secret: { value: KEY } }),
  ).rejects.toThrow()
  await expect(api.connections.replaceSecret({ name: 'crm', secret: { value: NEXT_KEY } })).rejects.toThrow()
  await api.connections.list({})
  await api.connections.get({ name: 'crm' })
  await api.connections.test({ name: 'crm' })
  await api.projects.list()
  await api.requests.list({})
  expect((await feed.next()).value).toBeDefined()
  leaving.abort()
  const heard = console.heard.join('')
  expect(heard).toContain('"crm"')
  for (const canary of [KEY, NEXT_KEY]) expect(heard.includes(canary)).toBe(false)
})

test('only the response that created a token contains it', async () => {
  const { api } = console
  const { secret } = await api.tokens.create({ project: 'demo', name: 'once', kind: 'access', clone: true })
  const minted = await api.sessions.mint({ project: 'demo', document: 'sales', permissions: ['read'] })
  await api.tokens.list({})
  await api.tokens.get({ project: 'demo', name: 'once' })
  await api.sessions.list({})
  await api.requests.list({})
  for (const shown of [secret ?? '', minted.token]) {
    expect(shown).not.toBe('')
    expect(console.heard.join('').split(shown)).toHaveLength(2)
  }
})

test('neither the key nor the code, cookie or key of the sign-in is in any file of the engine', async () => {
  const secrets = [KEY, NEXT_KEY, codeOf(link), console.cookie.split('=')[1] ?? '', console.key]
  expect(secrets.every((secret) => secret.length > 20)).toBe(true)
  for (const entry of await readdir(engine.home, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1')
    for (const secret of secrets) expect([entry.name, text.includes(secret)]).toEqual([entry.name, false])
  }
})
