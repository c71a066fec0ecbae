import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { clientUri } from '../../src/engine/bridge/upstream/resource-uris.ts'
import { namespacedName } from '../../src/engine/text/tool-names.ts'
import { openSession } from '../bridge/support/start-bridge-rig.ts'
import { installPackage } from '../support/install-package.ts'
import { startTestEngine, type TestEngine } from '../support/start-test-engine.ts'
import { OFFLINE_SERVERS, type OfflineServer } from './offline-servers.ts'
import { LISTS, listsOfServer, rawLists } from './raw-lists.ts'

type Json = Record<string, any>

/** Public servers from npm, all in one project: what clients are shown, compared with what each server says itself. */
describe('public MCP servers that start offline', () => {
  let folder: string
  let engine: TestEngine
  let token: string
  let url: string
  const rows: Json[] = []
  /** Names of every tool that isn't held back. */
  const expected: string[] = []

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hallpass-offline-'))
    await writeFile(join(folder, 'note.txt'), 'A note to read.')
    engine = await startTestEngine({ sample: false })
    await engine.owner.projects.create({ name: 'all' })
    url = `${engine.url}/projects/all/mcp`
  }, 60_000)
  afterAll(async () => {
    console.table(rows)
    await engine?.[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  }, 60_000)

  async function prepared({ package: name, command, version, args, env = {} }: OfflineServer) {
    const installed = await installPackage(name, command, version)
    return {
      ...installed,
      args: args?.(folder) ?? [],
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, MEMORY_FILE_PATH: join(folder, 'memory.jsonl'), ...env },
    }
  }
  const newToken = async (name: string) =>
    (await engine.owner.tokens.create({ project: 'all', name, kind: 'access', clone: true })).secret ?? ''

  describe.each(OFFLINE_SERVERS)('$name ($package $version)', (server) => {
    test('is passed on unchanged, apart from the listed repairs', { timeout: 900_000 }, async () => {
      const { program, args, env, version } = await prepared(server)
      const own = await listsOfServer(program, args, env)
      const plain = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, `plain:${value}`]))
      await engine.owner.connections.create({
        name: server.name,
        project: 'all',
        config: { kind: 'mcp', command: process.execPath, args: [program, ...args], env: plain },
      })
      const session = await openSession(url, await newToken(server.name))
      const shown = await rawLists(async (method, params) => (await session.send(method, params)).body as Json)
      const records = await engine.owner.connections.tools({ name: server.name })
      const repaired = new Map(records.map((one) => [one.name, one.repaired]))
      const heldBack = records.filter(({ problem }) => problem !== null).map(({ name }) => name)
      const row: Json = { server: server.name, version, tools: own.tools.length, heldBack: heldBack.join(' ') }
      row['repaired'] = [...repaired.values()].filter((fields) => fields.length > 0).length
      rows.push(row)

      for (const { name } of own.tools as { name: string }[])
        if (!heldBack.includes(name)) expected.push(namespacedName(server.name, name))
      const differing: string[] = []
      for (const [key, , identity] of LISTS) {
        row[key] = own[key].length
        const rename = key === 'tools' || key === 'prompts' ? namespacedName : clientUri
        const byName = new Map(shown[key].map((one) => [one[identity], one]))
        for (const sent of own[key]) {
          const received = byName.get(rename(server.name, sent[identity]))
          if (received === undefined) {
            if (!(key === 'tools' && heldBack.includes(sent['name']))) differing.push(`${sent[identity]} is missing`)
            continue
          }
          const fields = new Set([...Object.keys(sent), ...Object.keys(received)])
          for (const field of fields)
            if (field !== identity && !isDeepStrictEqual(sent[field], received[field]))
              if (key !== 'tools' || !(repaired.get(sent['name']) ?? []).includes(field))
                differing.push(
                  `${sent[identity]}: ${field}: ${JSON.stringify(sent[field])} → ${JSON.stringify(received[field])}`,
                )
        }
      }
      expect(differing).toEqual([])
      expect(own.tools.length + own.prompts.length + own.resources.length).toBeGreaterThan(0)
    })
  })

  test('are listed together by a client that validates', { timeout: 60_000 }, async () => {
    token = await newToken('everything-at-once')
    const client = new Client({ name: 'validates', version: '1' })
    const requestInit = { headers: { authorization: `Bearer ${token}` } }
    await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }) as never)
    const names: string[] = []
    let cursor: string | undefined
    do {
      const page = await client.listTools(cursor === undefined ? {} : { cursor })
      names.push(...page.tools.map(({ name }) => name))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    await client.listPrompts()
    await client.listResources()
    await client.listResourceTemplates()
    expect(new Set(names)).toEqual(new Set([...names, ...expected]))
    expect(new Set(names).size).toBe(names.length)
    await client.close()
  })
})
