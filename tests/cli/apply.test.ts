import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { Configuration } from '../../src/contract/configuration.ts'
import { post } from '../support/start-test-engine.ts'
import { addApi, openCommandLine, type CommandLine } from './support/cli-in-process.ts'

let folder: string
let api: Server
let origin: string
let answerSlow: (() => void) | null = null
let requests: { path: string; key: string | undefined }[] = []
let old: CommandLine
let fresh: CommandLine

const fileOf = (text: string, name = 'hallpass.yaml'): string => {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}
const exported = async (line: CommandLine): Promise<Configuration> =>
  parse((await line.run('export')).out) as Configuration

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hallpass-apply-'))
  api = createServer((request, response) => {
    requests.push({ path: request.url ?? '', key: request.headers.authorization })
    if (request.url === '/slow') {
      answerSlow = () => response.end('{}')
      return
    }
    response.writeHead(request.url === '/down' ? 500 : 200, { 'content-type': 'application/json' }).end('{}')
  })
  await new Promise<void>((resolve) => api.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  ;[old, fresh] = [await openCommandLine(), await openCommandLine({ sample: false })]
  process.env['APPLY_TEST_KEY'] = 'the key of the API'
  await addApi(old, 'stays', origin, 'typed-secret', '--rule', 'POST /search=read')
  await old.run(
    'create',
    'connection',
    'rates',
    '-p',
    'demo',
    '--type',
    'http',
    '--url',
    `${origin}/v1`,
    '--auth',
    'bearer',
    '--secret-ref',
    'env:APPLY_TEST_KEY',
  )
  const { revision } = await old.engine.owner.connections.get({ name: 'stays' })
  await old.engine.owner.connections.update({ name: 'stays', revision, set: { description: 'Rooms for guests' } })
  await old.run('create', 'project', 'work')
  await old.run('include', 'sales', '-p', 'work')
  await old.run('update', 'project', 'work', '--mode', 'search')
  await old.run(
    'create',
    'token',
    'reader',
    '-p',
    'demo',
    '--bind',
    'role:viewer,connection:sales,table:Orders',
    '--rate',
    '5/s',
    '--ttl',
    'never',
  )
  await old.run('create', 'token', 'desk', '-p', 'work', '--local', '--clone')
  await old.run('create', 'token', 'gone', '-p', 'work', '--clone')
  await old.run('revoke', 'token', 'gone', '-p', 'work')
}, 60_000)

afterAll(async () => {
  await old[Symbol.asyncDispose]()
  await fresh[Symbol.asyncDispose]()
  await new Promise((resolve) => api.close(resolve))
  rmSync(folder, { recursive: true, force: true })
  delete process.env['APPLY_TEST_KEY']
})

describe('hallpass export | hallpass apply -f -', () => {
  it('recreates everything but the secrets in an empty data folder, and lists the missing ones', async () => {
    const { out, err } = await old.run('export')
    expect(out).not.toContain('typed-secret')
    expect(out).not.toContain('the key of the API')
    expect(err).toContain('work/gone')
    requests = []
    const applied = await fresh.feed(out, 'apply', '-f', '-')
    expect([applied.code, applied.err]).toEqual([
      0,
      expect.stringContaining('hallpass update connection stays --secret-stdin'),
    ])
    expect(applied.err).not.toContain('update connection rates')
    expect(applied.out).toMatch(/^demo\/reader hp_pat_\w{49}$/m)
    expect(await exported(fresh)).toEqual(await exported(old))
    // The one with a reference was tested with its key, the other can't be yet.
    expect(requests).toEqual([{ path: '/v1', key: 'Bearer the key of the API' }])
    const token = /hp_pat_\w+/.exec(applied.out)?.[0] ?? ''
    const session = await post(`${fresh.engine.url}/api/v1/sessions`, token, {
      document: 'sales',
      permissions: ['read'],
    })
    expect(session.status).toBe(200)
  })

  it('changes nothing the second time', async () => {
    const { out } = await old.run('export')
    const before = await fresh.engine.owner.tokens.list({})
    const again = await fresh.feed(out, 'apply', '-f', '-', '--prune', '--yes')
    expect([again.code, again.out]).toEqual([0, 'No changes.\n'])
    expect(again.err).toContain('update connection stays')
    expect(await fresh.engine.owner.tokens.list({})).toEqual(before)
  })

  it('prints one project with only its connections', async () => {
    const one = parse((await old.run('export', '-p', 'work')).out) as Configuration
    expect([Object.keys(one.projects ?? {}), Object.keys(one.connections ?? {}), one.settings]).toEqual([
      ['work'],
      ['sales'],
      undefined,
    ])
  })
})

describe('apply', () => {
  const config = (change: (configuration: Configuration) => void): Promise<string> =>
    exported(fresh).then((configuration) => {
      change(configuration)
      return fileOf(stringify(configuration))
    })

  it('updates grants immediately and keeps the secret of the token', async () => {
    const made = await fresh.run('create', 'token', 'agent', '-p', 'demo', '--bind', 'role:editor,connection:sales')
    const secret = made.out.trim()
    const session = await post(`${fresh.engine.url}/api/v1/sessions`, secret, {
      document: 'sales',
      permissions: ['read', 'write'],
    })
    const file = await config(({ projects = {} }) => {
      const agent = projects['demo']?.tokens?.['agent']
      if (agent !== undefined) agent.grants = [{ connection: 'sales', permissions: ['read'], tables: ['Orders'] }]
    })
    const dry = await fresh.run('apply', '-f', file, '--dry-run')
    expect(dry.out).toContain('token/demo/agent')
    expect(dry.out).toMatch(/^-\s+- write$/m)
    expect(dry.out).toMatch(/^\+\s+tables:$/m)
    expect(
      (await fresh.engine.owner.tokens.get({ project: 'demo', name: 'agent' })).grants[0]?.permissions,
    ).toHaveLength(2)
    expect((await fresh.run('apply', '-f', file)).out).toBe('Updated token demo/agent\n')
    const call = (table: string) =>
      post(`${fresh.engine.url}/api/v1/proxy`, String(session.body['token']), { method: 'get_records', table })
    expect([(await call('Orders')).status, (await call('Customers')).status]).toEqual([200, 403])
    expect(
      (await post(`${fresh.engine.url}/api/v1/sessions`, secret, { document: 'sales', permissions: ['write'] })).status,
    ).toBe(403)
  })

  it('never revives a token that was revoked', async () => {
    await fresh.run('create', 'token', 'old', '-p', 'demo', '--clone')
    const file = await config(() => undefined)
    await fresh.run('revoke', 'token', 'old', '-p', 'demo')
    const ran = await fresh.run('apply', '-f', file)
    expect([ran.code, ran.out, ran.err]).toEqual([0, 'No changes.\n', expect.stringContaining('demo/old')])
    expect((await fresh.engine.owner.tokens.get({ project: 'demo', name: 'old' })).status).toBe('revoked')
  })

  it.each<[string, (configuration: Configuration) => void, string, number]>([
    [
      'an unreachable upstream',
      ({ connections = {} }) => {
        connections['extra'] = { kind: 'sqlite', path: '/nowhere/at/all.sqlite' }
      },
      'hallpass.yaml:',
      2,
    ],
    [
      'an upstream that rejects the test',
      ({ connections = {} }) => {
        connections['extra'] = { kind: 'http', url: origin, health_path: '/down' }
      },
      'hallpass.yaml:',
      1,
    ],
    [
      'a grant on a connection that the project lacks',
      ({ projects = {} }) => {
        projects['new'] = {
          connections: ['sales'],
          tokens: { ci: { grants: [{ connection: 'stays', permissions: ['read'] }] } },
        }
      },
      'stays',
      2,
    ],
    [
      'another kind',
      ({ connections = {} }) => {
        connections['sales'] = { kind: 'http', url: origin }
      },
      'kind',
      2,
    ],
    [
      'an expiry in the past',
      ({ projects = {} }) => {
        projects['new'] = { tokens: { ci: { expires: '2020-01-01T00:00:00Z' } } }
      },
      '2020',
      2,
    ],
    [
      'an address with a password',
      ({ connections = {} }) => {
        connections['extra'] = { kind: 'http', url: 'http://a:b@127.0.0.1/' }
      },
      'hallpass.yaml:',
      2,
    ],
  ])('changes nothing for %s', async (_, change, word, code) => {
    const before = await exported(fresh)
    const file = await config((configuration) => {
      configuration.settings = { log_days: 7 }
      configuration.projects = { first: { connections: ['sales'] }, ...configuration.projects }
      change(configuration)
    })
    const ran = await fresh.run('apply', '-f', file)
    expect([ran.code, ran.out, ran.err]).toEqual([code, '', expect.stringContaining(word)])
    expect(ran.err).toMatch(/hallpass\.yaml:\d+:\d+: /)
    expect(await exported(fresh)).toEqual(before)
  })

  it('names the line of a value inside a token', async () => {
    const text =
      'version: 1\nprojects:\n  late:\n    tokens:\n      ci:\n        rate: 5/s\n        expires: 2020-01-01T00:00:00Z\n'
    expect((await fresh.run('apply', '-f', fileOf(text))).err).toMatch(/:7:18: /)
  })

  it('changes nothing if something else changed while a connection was being tested', async () => {
    const file = await config(({ connections = {}, projects = {} }) => {
      connections['slow'] = { kind: 'http', url: origin, health_path: '/slow' }
      projects['meanwhile'] = { connections: ['slow'] }
    })
    const ran = fresh.run('apply', '-f', file)
    await expect.poll(() => answerSlow).not.toBeNull()
    await fresh.engine.owner.projects.create({ name: 'meanwhile' })
    answerSlow?.()
    expect((await ran).code).toBe(2)
    expect((await fresh.engine.owner.connections.list({})).map(({ name }) => name)).not.toContain('slow')
    await fresh.engine.owner.projects.delete({ name: 'meanwhile' })
  })

  it('reports line, column and the nearest known word for unknown words', async () => {
    const file = fileOf(`version: 1
conections: {}
connections:
  crm:
    kind: grst
  stays:
    kind: http
    url: ${origin}
    helth_path: /up
    auth: { type: beerer }
projects:
  Demo: {}
  demo:
    mode: serch
    tokens:
      ci:
        grant: []
`)
    const { code, err } = await fresh.run('apply', '-f', file)
    expect(code).toBe(2)
    for (const part of [
      ':2:1: Unknown key "conections". The closest key is connections.',
      ':5:11: Unknown kind "grst". The closest kind is grist.',
      ':9:5: Unknown key "helth_path". The closest key is health_path.',
      ':12:3: ',
      ':14:11: Unknown mode "serch". The closest mode is search.',
      ':17:9: Unknown key "grant". The closest key is grants.',
    ])
      expect(err).toContain(`${file}${part}`)
    const broken = await fresh.run('apply', '-f', fileOf('version: 1\nprojects: [unclosed\n'))
    expect([broken.code, broken.err]).toEqual([2, expect.stringMatching(/hallpass\.yaml:\d+:\d+: /)])
  })

  it('rejects a rule of a later version, which would have no effect', async () => {
    const file = fileOf('version: 1\nprojects:\n  demo:\n    tokens:\n      ci:\n        approval: { calls: always }\n')
    const { code, err } = await fresh.run('apply', '-f', file)
    expect([code, err]).toEqual([2, expect.stringMatching(/:6:9: .*approval/)])
  })

  it('sends no stored secret to an address that the file changes, unless the owner or the file allows it', async () => {
    const other = origin.replace('127.0.0.1', 'localhost')
    const moved = (secret: string) =>
      fileOf(
        `version: 1\nconnections:\n  stays:\n    kind: http\n    url: ${other}\n    auth: { type: bearer }\n${secret}`,
        'moved.yaml',
      )
    const address = async () => (await old.engine.owner.connections.get({ name: 'stays' })).target
    requests = []
    for (const secret of ['', '    secret: keychain\n']) {
      const ran = await old.run('apply', '-f', moved(secret))
      expect([ran.code, ran.err]).toEqual([
        2,
        expect.stringMatching(/moved\.yaml:5:10: .*localhost.*\n.*--keep-secret/),
      ])
      const planned = await old.run('apply', '-f', moved(secret), '--dry-run')
      expect([planned.code, planned.err]).toEqual([0, expect.stringContaining('--keep-secret')])
    }
    expect([requests, await address()]).toEqual([[], origin])
    expect(await old.run('apply', '-f', moved('    secret: env:APPLY_TEST_KEY\n'))).toMatchObject({ code: 0 })
    expect(requests.map(({ key }) => key)).toEqual(['Bearer the key of the API'])
    const back = moved('')
    writeFileSync(back, readFileSync(back, 'utf8').replace(other, origin))
    const kept = await old.run('apply', '-f', back, '--keep-secret')
    expect([kept.code, kept.err]).toEqual([0, expect.stringContaining(origin)])
  })

  it('writes descriptions of connections, and keeps one that the file leaves out', async () => {
    const described = (name: string) => exported(old).then(({ connections }) => connections?.[name]?.description)
    expect([await described('stays'), await described('rates')]).toEqual(['Rooms for guests', undefined])
    const file = await exported(old)
    const { rates, stays } = file.connections ?? {}
    if (rates !== undefined) rates.description = 'Prices'
    delete stays?.description
    expect((await old.run('apply', '-f', fileOf(stringify(file)))).out).toBe('Updated connection rates\n')
    expect([await described('stays'), await described('rates')]).toEqual(['Rooms for guests', 'Prices'])
  })

  it('never reads a secret from the file', async () => {
    const ran = await fresh.feed(
      `version: 1\nconnections: { x: { kind: http, url: "${origin}", secret: hunter2 } }`,
      'apply',
      '-f',
      '-',
    )
    expect([ran.code, ran.err]).toEqual([2, expect.stringContaining('keychain, env:NAME or file:PATH')])
    expect(ran.err).not.toContain('hunter2')
  })

  it('writes new secrets to a new file of mode 0600 on request, and never over an old one', async () => {
    const target = join(folder, 'tokens.txt')
    const file = await config(({ projects = {} }) => {
      projects['robots'] = {
        connections: ['sales'],
        tokens: { ci: { expires: '12h', grants: [{ connection: 'sales', permissions: ['read'] }] } },
      }
    })
    writeFileSync(target, 'precious')
    expect((await fresh.run('apply', '-f', file, '--token-file', target)).code).toBe(2)
    expect(readFileSync(target, 'utf8')).toBe('precious')
    rmSync(target)
    const ran = await fresh.run('apply', '-f', file, '--token-file', target)
    expect([ran.code, ran.out + ran.err]).toEqual([0, expect.not.stringContaining('hp_pat_')])
    expect(readFileSync(target, 'utf8')).toMatch(/^robots\/ci hp_pat_\w{49}\n$/)
    expect(statSync(target).mode & 0o777).toBe(0o600)
    // A lifetime counts from the creation, so the same file changes nothing later.
    expect((await fresh.run('apply', '-f', file)).out).toBe('No changes.\n')
  })

  it('deletes what the file leaves out only with --prune, after listing it', async () => {
    await fresh.run('create', 'project', 'spare')
    await fresh.run('create', 'token', 'spare', '-p', 'robots', '--clone')
    const token = (await fresh.run('create', 'token', 'shown', '-p', 'robots', '--clone')).out.trim()
    const file = await config(({ projects = {} }) => {
      delete projects['spare']
      delete projects['robots']?.tokens?.['shown']
    })
    expect((await fresh.run('apply', '-f', file)).out).toBe('No changes.\n')
    const asked = await fresh.run('apply', '-f', file, '--prune')
    expect([asked.code, asked.err]).toEqual([2, expect.stringContaining('Delete project spare\n')])
    expect((await fresh.engine.owner.projects.list()).map(({ name }) => name)).toContain('spare')
    const ran = await fresh.run('apply', '-f', file, '--prune', '--yes')
    expect([ran.code, ran.out]).toEqual([0, 'Deleted token robots/shown\nDeleted project spare\n'])
    expect(
      (await post(`${fresh.engine.url}/api/v1/sessions`, token, { document: 'sales', permissions: ['read'] })).body[
        'code'
      ],
    ).toBe('TOKEN_EXPIRED')
  })
})
