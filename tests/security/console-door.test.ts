import { isProcedure } from '@orpc/server'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CONSOLE_HEADER } from '../../src/contract/owner-api/console-api.ts'
import { eachRow } from '../../src/contract/owner-api/log-events.ts'
import { ownerApi } from '../../src/contract/owner-api.ts'
import { windowHalf, windowPaths } from '../../src/control/console/window-half.ts'
import { rawRequest, requestText } from '../http/support/raw-request.ts'
import { codeOf, connectConsole, postAsPage, signIn, type ConsoleSignIn } from '../support/console-client.ts'
import { startConsoleEngine, type ConsoleEngine } from '../support/console-engine.ts'
import { createTestClock } from '../support/test-clock.ts'

const clock = createTestClock()
let engine: ConsoleEngine
beforeAll(async () => {
  engine = await startConsoleEngine({ clock })
})
afterAll(() => engine[Symbol.asyncDispose]())
afterEach(async () => {
  const held = await signIn(engine.link())
  expect((await call(held, 'projects/list')).status).toBe(200)
})

const held = (held: ConsoleSignIn) => ({ cookie: held.cookie, [CONSOLE_HEADER]: held.key })
const call = (signedIn: ConsoleSignIn, path: string, headers: Record<string, string | null> = {}, body: unknown = {}) =>
  postAsPage(`${engine.url}/console/rpc/${path}`, body, { ...held(signedIn), ...headers })

const at = (router: object, path: string): unknown =>
  path
    .slice(1)
    .split('/')
    .reduce((part: any, name) => part?.[name], router)

async function expectRefusal(reply: Response, status: number, code: string): Promise<void> {
  const body = (await reply.json()) as Record<string, unknown>
  expect({ status: reply.status, code: body['code'] }).toEqual({ status, code })
  const read = body['json'] as { code: string; message: string; status: number; data: unknown } | undefined
  expect(
    Object.keys(body)
      .filter((name) => name !== 'json')
      .toSorted(),
  ).toEqual(['code', 'error', 'request_id', 'success'])
  if (read !== undefined) expect(read).toMatchObject({ code, status, message: body['error'], data: { code } })
  expect(reply.headers.get('set-cookie')).toBeNull()
  expect(reply.headers.get('access-control-allow-origin')).toBeNull()
}

describe('a sign-in link', () => {
  const redeem = (code: unknown, headers: Record<string, string | null> = {}) =>
    postAsPage(`${engine.url}/console/session`, { code }, headers)

  test('is rejected the second time', async () => {
    const link = engine.link()
    await signIn(link)
    await expectRefusal(await redeem(codeOf(link)), 401, 'INVALID_TOKEN')
  })

  test('signs in one of a hundred browsers that open it at once', async () => {
    const code = codeOf(engine.link())
    const replies = await Promise.all(Array.from({ length: 100 }, () => redeem(code)))
    expect(replies.filter((reply) => reply.status === 200)).toHaveLength(1)
    expect(replies.filter((reply) => reply.status === 401)).toHaveLength(99)
  })

  test.each([
    ['late', () => clock.advance(60_000)],
    ['late by the monotonic clock alone', () => clock.advanceMonotonic(60_000)],
    ['late by a night’s sleep', () => clock.sleep(60_000)],
    [
      'late, though the clock was turned back',
      () => {
        clock.advance(60_000)
        clock.moveWall(-60_000)
      },
    ],
  ])('is rejected %s', async (_, pass) => {
    const link = engine.link()
    pass()
    await expectRefusal(await redeem(codeOf(link)), 401, 'INVALID_TOKEN')
  })

  test.each([
    ['foreign', 'https://evil.example'],
    ['null', 'null'],
    ['of another port', 'http://127.0.0.1:1'],
    ['missing', null],
  ])('is rejected with an Origin that is %s, and stays valid', async (_, origin) => {
    const link = engine.link()
    await expectRefusal(await redeem(codeOf(link), { origin }), 403, 'FORBIDDEN_ORIGIN')
    await signIn(link)
  })

  test.each([[''], ['x'], [null], [{ $ne: '' }], ['a'.repeat(43)], ['é'.repeat(43)]])(
    'with the code %j is rejected',
    async (code) => {
      const reply = await redeem(code)
      expect([400, 401]).toContain(reply.status)
    },
  )

  test('is accepted only as JSON from a page: no form, no text, no missing header, no GET', async () => {
    const code = codeOf(engine.link())
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x']) {
      await expectRefusal(await redeem(code, { 'content-type': type }), 400, 'INVALID_REQUEST')
    }
    await expectRefusal(await redeem(code, { [CONSOLE_HEADER]: null }), 403, 'FORBIDDEN_ORIGIN')
    await expectRefusal(await redeem(code, { 'sec-fetch-site': 'same-site' }), 403, 'FORBIDDEN_ORIGIN')
    expect((await fetch(`${engine.url}/console/session?code=${code}`)).status).toBe(405)
    await expectRefusal(await redeem('x'.repeat(2000)), 413, 'PAYLOAD_TOO_LARGE')
  })

  test('is logged without its code, as an accepted or rejected sign-in', async () => {
    const link = engine.link()
    await signIn(link)
    await redeem(codeOf(link))
    const rows = await engine.owner.requests.list({ method: 'console.signIn', limit: 2 })
    expect(rows.map((row) => [row.transport, row.token_kind, row.status])).toEqual([
      ['control', null, 401],
      ['control', 'owner', 200],
    ])
    expect(JSON.stringify(rows)).not.toContain(codeOf(link))
  })

  test('gives a cookie that scripts cannot read, that no other site sends, and that names its port', async () => {
    const reply = await redeem(codeOf(engine.link()))
    expect(reply.headers.get('set-cookie')).toMatch(
      new RegExp(
        `^hallpass_console_${new URL(engine.url).port}=[A-Za-z0-9_-]{43}; Path=/console; HttpOnly; SameSite=Strict$`,
      ),
    )
    expect(reply.headers.get('cache-control')).toBe('no-store')
  })

  test('has the address of the engine, and its code in the fragment, which no browser sends', () => {
    const link = engine.link()
    expect(link).toMatch(new RegExp(`^${engine.url}/console/sign-in#[A-Za-z0-9_-]{43}$`))
  })
})

describe('a call of the console', () => {
  test.each([
    ['without a cookie', { cookie: null }],
    ['with an unknown cookie', { cookie: 'hallpass_console_1=x' }],
    ['with the header’s place alone', { [CONSOLE_HEADER]: '1' }],
    ['with an invalid key', { [CONSOLE_HEADER]: 'a'.repeat(43) }],
  ])('%s is rejected as not signed in', async (_, change) => {
    await expectRefusal(
      await call(await signIn(engine.link()), 'status', change as unknown as Record<string, string>),
      401,
      'INVALID_TOKEN',
    )
  })

  test('with the cookie of one session and the key of another is rejected, because a cookie alone is not enough', async () => {
    const [one, other] = [await signIn(engine.link()), await signIn(engine.link())]
    await expectRefusal(await call(one, 'status', { [CONSOLE_HEADER]: other.key }), 401, 'INVALID_TOKEN')
    await expectRefusal(await call(other, 'status', { cookie: one.cookie }), 401, 'INVALID_TOKEN')
  })

  test('with the cookie of another port’s engine is rejected', async () => {
    const other = await startConsoleEngine()
    try {
      const theirs = await signIn(other.link())
      await expectRefusal(await call(theirs, 'status'), 401, 'INVALID_TOKEN')
      const [, value = ''] = theirs.cookie.split('=')
      await expectRefusal(
        await call(theirs, 'status', { cookie: `hallpass_console_${new URL(engine.url).port}=${value}` }),
        401,
        'INVALID_TOKEN',
      )
    } finally {
      await other[Symbol.asyncDispose]()
    }
  })

  test('works next to a cookie that another server of this host set under our name', async () => {
    const mine = await signIn(engine.link())
    const [name = ''] = mine.cookie.split('=')
    expect((await call(mine, 'projects/list', { cookie: `${name}=planted; ${mine.cookie}; ${name}=` })).status).toBe(
      200,
    )
  })

  test.each([
    ['foreign', 'https://evil.example'],
    ['null', 'null'],
    ['of another port', 'http://127.0.0.1:1'],
    ['of another name of this machine', 'LOCALHOST'],
    ['doubled', 'TWICE'],
    ['missing', null],
  ])('whose Origin is %s is rejected', async (_, origin) => {
    const named =
      origin
        ?.replace('LOCALHOST', engine.url.replace('127.0.0.1', 'localhost'))
        .replace('TWICE', `${engine.url}, ${engine.url}`) ?? null
    await expectRefusal(await call(await signIn(engine.link()), 'status', { origin: named }), 403, 'FORBIDDEN_ORIGIN')
  })

  test('is rejected from an origin that the owner allowed for the API, because it is not our page', async () => {
    const origin = 'https://tool.example'
    await engine.owner.settings.update({ allowed_origins: [origin] })
    await expectRefusal(await call(await signIn(engine.link()), 'status', { origin }), 403, 'FORBIDDEN_ORIGIN')
    await expectRefusal(
      await postAsPage(`${engine.url}/console/session`, { code: codeOf(engine.link()) }, { origin }),
      403,
      'FORBIDDEN_ORIGIN',
    )
    await engine.owner.settings.update({ allowed_origins: [] })
  })

  test('is rejected from a page of the same site with another origin, whatever Origin it claims', async () => {
    const mine = await signIn(engine.link())
    for (const site of ['same-site', 'cross-site', 'none'])
      await expectRefusal(await call(mine, 'status', { 'sec-fetch-site': site }), 403, 'FORBIDDEN_ORIGIN')
  })

  test('without the header of the page is rejected', async () => {
    await expectRefusal(
      await call(await signIn(engine.link()), 'status', { [CONSOLE_HEADER]: null }),
      403,
      'FORBIDDEN_ORIGIN',
    )
  })

  test('in another media type, too large or too deep is rejected', async () => {
    const mine = await signIn(engine.link())
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'text/event-stream',
    ]) {
      await expectRefusal(await call(mine, 'status', { 'content-type': type }), 400, 'INVALID_REQUEST')
    }
    await expectRefusal(
      await call(mine, 'status', {}, `{"json":"${'x'.repeat(1024 * 1024)}"}`),
      413,
      'PAYLOAD_TOO_LARGE',
    )
    await expectRefusal(
      await call(mine, 'status', {}, '{"json":'.repeat(70) + '1' + '}'.repeat(70)),
      400,
      'INVALID_REQUEST',
    )
    await expectRefusal(await call(mine, 'status', {}, '{'), 400, 'INVALID_REQUEST')
  })

  test('does not exist as a GET, whatever it contains', async () => {
    const mine = await signIn(engine.link())
    const reply = await fetch(`${engine.url}/console/rpc/pause?data=${encodeURIComponent('{"json":{}}')}`, {
      headers: { origin: engine.url, ...held(mine) },
    })
    expect([reply.status, reply.headers.get('allow')]).toEqual([405, 'POST'])
    expect((await engine.owner.status()).paused).toBe(false)
  })

  test.each([
    'stop',
    'console/signInLink',
    'nothing',
    'projects',
    '__proto__',
    'constructor',
    'projects/constructor',
    'status/',
    '',
    'projects/../stop',
    '%73top',
    'console%2FsignInLink',
  ])('to %s is unknown before credentials are checked', async (path) => {
    const reply = await rawRequest(
      Number(new URL(engine.url).port),
      requestText(`POST /console/rpc/${path} HTTP/1.1`, ['Host: evil.example', 'Content-Length: 0']),
    )
    expect(reply.status).toBe(404)
    const mine = await signIn(engine.link())
    expect((await call(mine, path)).status).toBe(404)
  })

  test("reaches the renderer's half of the owner API whole, and nothing else", async () => {
    const all = windowPaths(ownerApi as never)
    expect(all.filter((path) => !windowPaths().includes(path)).toSorted()).toEqual([
      '/backUp',
      '/configuration/apply',
      '/configuration/export',
      '/console/signInLink',
      '/console/signOutAll',
      '/stop',
    ])
    expect(windowPaths().filter((path) => !isProcedure(at(windowHalf(engine.ownerRouter), path)))).toEqual([])
    // Not signed in, so that nothing happens: 401 says that the call is there.
    for (const path of windowPaths())
      expect([path, (await postAsPage(`${engine.url}/console/rpc${path}`, {})).status]).toEqual([path, 401])
  })
})

describe('a session of the console', () => {
  test('leaves one connection of its browser free: a sixth stream is rejected with a sentence until one ends', async () => {
    const console = await connectConsole(engine.link())
    const leaving = Array.from({ length: 5 }, () => new AbortController())
    await Promise.all(leaving.map(({ signal }) => console.api.requests.follow({}, { signal })))
    const refused = { status: 429, data: { code: 'RATE_LIMITED' }, message: expect.stringContaining('too many tabs') }
    await expect(console.api.requests.follow({})).rejects.toMatchObject(refused)
    await expect(console.api.projects.list()).resolves.toBeDefined()
    const other = await connectConsole(engine.link())
    await expect(other.api.requests.follow({})).resolves.toBeDefined()
    for (const one of leaving) one.abort()
    await expect
      .poll(() =>
        console.api.requests.follow({}).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
  })

  test('shows a message on the page once it ended', async () => {
    const console = await connectConsole(engine.link())
    await postAsPage(`${engine.url}/console/sign-out`, '', { ...held(console), 'content-type': null })
    await expect(console.api.projects.list()).rejects.toMatchObject({
      status: 401,
      data: { code: 'INVALID_TOKEN' },
      message: expect.stringContaining('hallpass console'),
    })
  })

  test('ends with sign-out, and so do its streams', async () => {
    const console = await connectConsole(engine.link())
    const feed = eachRow(await console.api.requests.follow({}))
    await console.api.projects.create({ name: 'signed-out' })
    expect((await feed.next()).value).toMatchObject({
      method: 'projects.create',
      transport: 'control',
      token_kind: 'owner',
    })
    const end = (async () => {
      for await (const row of feed) expect(row.method).not.toBe('projects.delete')
    })()
    const out = await postAsPage(`${engine.url}/console/sign-out`, '', { ...held(console), 'content-type': null })
    expect([out.status, out.headers.get('set-cookie')]).toEqual([
      204,
      expect.stringMatching(/=; Max-Age=0; Path=\/console/),
    ])
    await end
    await engine.owner.projects.delete({ name: 'signed-out' })
    await expectRefusal(await call(console, 'status'), 401, 'INVALID_TOKEN')
  })

  test("can't be ended by another page", async () => {
    const mine = await signIn(engine.link())
    for (const origin of ['https://evil.example', null]) {
      expect((await postAsPage(`${engine.url}/console/sign-out`, '', { ...held(mine), origin })).status).toBe(403)
    }
    expect((await call(mine, 'projects/list')).status).toBe(200)
  })

  test('ends after twelve idle hours, and not while it is used', async () => {
    const mine = await signIn(engine.link())
    for (let hours = 0; hours < 24; hours += 8) {
      clock.advance(8 * 3_600_000)
      expect((await call(mine, 'projects/list')).status).toBe(200)
    }
    clock.advance(12 * 3_600_000)
    await expectRefusal(await call(mine, 'status'), 401, 'INVALID_TOKEN')
  })

  test('ends when its browser signs in again', async () => {
    const before = await signIn(engine.link())
    expect(
      (await postAsPage(`${engine.url}/console/session`, { code: codeOf(engine.link()) }, { cookie: before.cookie }))
        .status,
    ).toBe(200)
    await expectRefusal(await call(before, 'status'), 401, 'INVALID_TOKEN')
  })

  test('has its streams ended with the engine, which does not wait for them, and lives on in the next until all are signed out', async () => {
    const other = await startConsoleEngine()
    const console = await connectConsole(other.link())
    const feed = await console.api.requests.follow({})
    const end = feed.next()
    const begun = Date.now()
    await other.stop()
    expect((await end).done).toBe(true)
    expect(Date.now() - begun).toBeLessThan(4_000)
    const again = await startConsoleEngine({ home: other.home, port: Number(new URL(other.url).port) })
    try {
      const status = async () => (await postAsPage(`${again.url}/console/rpc/status`, {}, held(console))).status
      expect(await status()).toBe(200)
      expect(await again.owner.console.signOutAll()).toEqual({ browsers: 1 })
      expect(await status()).toBe(401)
    } finally {
      await again[Symbol.asyncDispose]()
      await other[Symbol.asyncDispose]()
    }
  })
})
