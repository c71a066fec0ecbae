import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Configuration } from '../../src/contract/configuration.ts'
import { fixture } from '../mcp-upstreams/support/mcp-room.ts'
import { startGristStandIn, type GristStandIn } from '../support/grist-stand-in/start-grist-stand-in.ts'
import { openCommandLine, type CommandLine } from './support/cli-in-process.ts'

const OPERATION = (id: string) => ({ operationId: id, tags: ['rooms'], responses: { 200: { description: 'ok' } } })
const DOCUMENT = {
  openapi: '3.1.0',
  info: { title: 'Rooms', version: '1' },
  paths: {
    '/rooms': { get: OPERATION('list rooms'), post: OPERATION('addRoom') },
    '/rooms/{id}/beds': { get: OPERATION('beds') },
    '/guests': { get: OPERATION('guests') },
    '/stays': { get: 'not an operation' },
  },
}

let folder: string
let api: Server
let grist: GristStandIn
let line: CommandLine
let file: string
let setup: Configuration

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-kinds-'))
  file = join(folder, 'setup.yaml')
  api = createServer((_request, response) => response.end(JSON.stringify(DOCUMENT)))
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  grist = await startGristStandIn({ key: 'grist-key' })
  writeFileSync(join(folder, 'key'), 'grist-key', { mode: 0o600 })
  line = await openCommandLine({ sample: false })
  const origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  const { command = '', args = [] } = fixture()
  setup = {
    version: 1,
    connections: {
      rooms: {
        kind: 'http',
        url: origin,
        openapi: { source: { url: `${origin}/api.json` }, operations: ['list rooms'] },
      },
      crm: { kind: 'grist', url: grist.url, doc: grist.docId, secret: `file:${join(folder, 'key')}` },
      tracker: { kind: 'mcp', command, args: [...args], tools: { echo: 'schema' } },
      books: { kind: 'sqlite', path: join(folder, 'books.sqlite'), create: true },
    },
    projects: { work: { connections: ['rooms', 'crm', 'tracker', 'books'], pass_through: null } },
  }
})
afterAll(async () => {
  await line[Symbol.asyncDispose]()
  await grist.close()
  await new Promise((resolve) => api.close(resolve))
  rmSync(folder, { recursive: true, force: true })
})

const apply = (configuration: Configuration, ...more: string[]) => {
  writeFileSync(file, stringify(configuration))
  return line.run('apply', '-f', file, ...more)
}
const exported = async () => parse((await line.run('export')).out) as Configuration

describe('a setup file with every kind of connection', { timeout: 60_000 }, () => {
  it('is tested and applied, and changes nothing the second time', async () => {
    const ran = await apply(setup)
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('Command to run') })
    expect((await line.engine.owner.connections.list({})).map(({ health }) => health.state)).toEqual([
      'up',
      'up',
      'up',
      'up',
    ])
    expect((await apply(setup)).out).toBe('No changes.\n')
    expect((await apply(await exported(), '--prune', '--yes')).out).toBe('No changes.\n')
  })

  it('sets the operations and the permissions of tools', async () => {
    const { openapi } = await line.engine.owner.connections.http({ name: 'rooms' })
    expect(openapi?.operations.filter(({ chosen }) => chosen).map(({ id }) => id)).toEqual(['list_rooms'])
    const tools = await line.engine.owner.connections.tools({ name: 'tracker' })
    expect(tools.find(({ name }) => name === 'echo')).toMatchObject({ permission: 'schema', state: 'accepted' })
  })

  it('reaches only the paths of its OpenAPI document, unless others are allowed', async () => {
    const bind = (path: string, ...more: string[]) =>
      line.run(
        'create',
        'token',
        'paths',
        '-p',
        'work',
        '--force',
        '--bind',
        `role:viewer,connection:rooms,path:${path}`,
        ...more,
      )
    const mint = (path: string, ...more: string[]) =>
      line.run('session', '-p', 'work', '--document', 'rooms', '--permissions', 'read', '--resource', path, ...more)
    for (const run of [bind, mint]) {
      for (const [path, closest] of [
        ['/romms', '/rooms.'],
        ['/rooms/7', '--allow-missing'],
        ['/gusts/*', '--allow-missing'],
        ['/rooms/7/bed', '/rooms/7/beds.'],
        ['/room/*', '/rooms/*'],
      ] as const)
        expect(await run(path), path).toMatchObject({ code: 2, out: '', err: expect.stringContaining(closest) })
      for (const path of ['/rooms', '/rooms/*', '/rooms/7/beds', '/rooms/7/*', '/*', '/guests', '/stays'])
        expect(await run(path), path).toMatchObject({ code: 0 })
      expect(await run('/romms', '--allow-missing')).toMatchObject({ code: 0 })
    }
  })

  it('updates them, and removes overrides', async () => {
    const next = structuredClone(setup)
    const { rooms, tracker } = next.connections ?? {}
    if (rooms?.kind === 'http' && rooms.openapi !== undefined)
      rooms.openapi = { ...rooms.openapi, operations: ['guests'] }
    if (tracker?.kind === 'mcp') tracker.tools = {}
    expect((await apply(next)).out).toBe('Updated connection rooms\nUpdated connection tracker\n')
    const { openapi } = await line.engine.owner.connections.http({ name: 'rooms' })
    expect(openapi?.operations.filter(({ chosen }) => chosen).map(({ id }) => id)).toEqual(['guests'])
    const echo = (await line.engine.owner.connections.tools({ name: 'tracker' })).find(({ name }) => name === 'echo')
    expect([echo?.permission_set_by_owner, echo?.state]).toEqual([false, 'accepted'])
    expect((await apply(next)).out).toBe('No changes.\n')
  })

  it('drops an OpenAPI document, and rejects tools and operations that do not exist', async () => {
    const bare = structuredClone(setup)
    if (bare.connections?.['rooms']?.kind === 'http') delete bare.connections['rooms'].openapi
    await apply(bare)
    expect((await line.engine.owner.connections.http({ name: 'rooms' })).openapi).toBeNull()
    expect((await apply(bare)).out).toBe('No changes.\n')
    const wrong = structuredClone(setup)
    const { rooms, tracker } = wrong.connections ?? {}
    if (rooms?.kind === 'http' && rooms.openapi !== undefined) rooms.openapi.operations = ['gests']
    expect(await apply(wrong)).toMatchObject({ code: 2, err: expect.stringMatching(/setup\.yaml:\d+:\d+: .*gests/) })
    if (tracker?.kind === 'mcp') tracker.tools = { ecko: 'read' }
    expect(await apply(wrong)).toMatchObject({ code: 2, err: expect.stringContaining('ecko') })
    expect((await line.engine.owner.connections.http({ name: 'rooms' })).openapi).toBeNull()
  })

  it('preserves what the owner allowed for a Grist server', async () => {
    const pinned = structuredClone(setup)
    const { crm } = pinned.connections ?? {}
    if (crm?.kind === 'grist') crm.pin = true
    await apply(pinned)
    expect((await exported()).connections?.['crm']).toMatchObject({ kind: 'grist', pin: true })
  })
})
