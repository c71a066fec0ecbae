import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rawRequest, requestText } from '../http/support/raw-request.ts'
import { signIn } from '../support/console-client.ts'
import { BUILD, startConsoleEngine, type ConsoleEngine } from '../support/console-engine.ts'

let engine: ConsoleEngine
let port: number
let cookie: string
beforeAll(async () => {
  engine = await startConsoleEngine()
  port = Number(new URL(engine.url).port)
  symlinkSync(join(engine.build, '..', 'beside.txt'), join(engine.build, 'linked.txt'))
  cookie = (await signIn(engine.link())).cookie
})
afterAll(() => engine[Symbol.asyncDispose]())

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  fetch(`${engine.url}${path}`, { method, headers: { cookie, ...headers }, redirect: 'manual' })
const raw = (line: string, headers = [`Host: 127.0.0.1:${port}`]) => rawRequest(port, requestText(line, headers))

describe('the files of the console', () => {
  test.each([
    '/console/../beside.txt',
    '/console/assets/../../../beside.txt',
    '/console/%2e%2e/beside.txt',
    '/console/..%2fbeside.txt',
    '/console//beside.txt',
    '/console/..\\beside.txt',
    '/console/assets/..%5c..%5cbeside.txt',
    '/console/%00',
    '/console/index.html%00.js',
    '/console/linked.txt',
    '/console/assets',
    '/console/assets/',
    '/console/package.json',
    '/console/.',
    '/CONSOLE/',
    '/console/INDEX.HTML',
    '/console/index.html/',
    '/consoles/',
    '/console/assets/index-1a2b3c4d.js.map',
    '/console/__proto__',
    '/console/file:///etc/passwd',
    '/console/C:/Windows/win.ini',
  ])('do not exist at %s', async (path) => {
    const reply = await raw(`GET ${path} HTTP/1.1`, [`Host: 127.0.0.1:${port}`, `Cookie: ${cookie}`])
    expect(reply.status).toBe(404)
    expect(reply.text).not.toContain('canary')
    expect(reply.text).not.toContain(engine.build)
  })

  test('respond to their own Host and to no foreign Origin', async () => {
    for (const path of ['/console/', '/console/sign-in', '/console/assets/index-1a2b3c4d.js']) {
      for (const headers of [
        ['Host: evil.example'],
        [`Host: localhost.evil.example:${port}`],
        [`Host: 127.0.0.1:${port}`, 'Origin: https://evil.example'],
        [`Host: 127.0.0.1:${port}`, 'Origin: null'],
      ]) {
        const reply = await raw(`GET ${path} HTTP/1.1`, headers)
        expect([reply.status, JSON.parse(reply.body)]).toEqual([
          403,
          expect.objectContaining({ code: 'FORBIDDEN_ORIGIN' }),
        ])
      }
    }
  })

  test.each([
    ['/console/', 'GET, HEAD'],
    ['/console/sign-in', 'GET, HEAD'],
    ['/console/assets/index-1a2b3c4d.js', 'GET, HEAD'],
    ['/console/session', 'POST'],
    ['/console/sign-out', 'POST'],
    ['/console/rpc/status', 'POST'],
  ])('at %s accept %s and nothing else from every caller', async (path, allow) => {
    for (const method of ['PUT', 'DELETE', 'PATCH', 'OPTIONS', allow === 'POST' ? 'GET' : 'POST']) {
      const reply = await raw(`${method} ${path} HTTP/1.1`, [
        'Host: evil.example',
        'Origin: https://evil.example',
        'Access-Control-Request-Method: POST',
      ])
      expect([method, reply.status, reply.headers['allow']]).toEqual([method, 405, allow])
      expect(reply.headers['access-control-allow-origin']).toBeUndefined()
    }
  })

  test('have headers that keep other pages out', async () => {
    for (const path of [
      '/console/',
      '/console/sign-in',
      '/console/sign-in.js',
      '/console/assets/index-1a2b3c4d.js',
      '/console/mark.svg',
    ]) {
      const { headers } = await get(path)
      expect(
        Object.fromEntries(
          [
            'x-content-type-options',
            'referrer-policy',
            'x-frame-options',
            'cross-origin-opener-policy',
            'cross-origin-resource-policy',
          ].map((name) => [name, headers.get(name)]),
        ),
      ).toEqual({
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
        'cross-origin-opener-policy': 'same-origin',
        'cross-origin-resource-policy': 'same-origin',
      })
      expect(headers.get('permissions-policy')).toContain('camera=()')
      expect(headers.get('access-control-allow-origin')).toBeNull()
    }
  })

  test('have a new nonce for each load, in the policy, scripts and styles', async () => {
    const nonces = new Set<string>()
    for (const path of ['/console/', '/console/', '/console/index.html', '/console/sign-in']) {
      const reply = await get(path)
      const policy = reply.headers.get('content-security-policy') ?? ''
      const nonce = /'nonce-([\w-]{24})'/.exec(policy)?.[1] ?? 'none'
      nonces.add(nonce)
      expect(policy).toBe(
        `default-src 'none'; script-src 'self'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
      )
      expect(reply.headers.get('cache-control')).toBe('no-store')
      expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8')
      const html = await reply.text()
      expect(html).not.toContain('__CSP_NONCE__')
      expect(html).toContain(`nonce="${nonce}"`)
    }
    expect(nonces.size).toBe(4)
  })

  test('show the built page to signed-in browsers, and others how to sign in', async () => {
    const signedOut = await get('/console/', { cookie: '' })
    expect(signedOut.status).toBe(401)
    const html = await signedOut.text()
    expect(html).toContain('hallpass console')
    expect(html).not.toContain('assets/')
    expect(await (await get('/console/')).text()).toContain('assets/index-1a2b3c4d.js')
  })

  test('have their own media type, and are cached by the browser if a hash is in their name', async () => {
    const js = await get('/console/assets/index-1a2b3c4d.js')
    expect([await js.text(), js.headers.get('content-type'), js.headers.get('cache-control')]).toEqual([
      BUILD['assets/index-1a2b3c4d.js'],
      'text/javascript; charset=utf-8',
      'private, max-age=31536000, immutable',
    ])
    const css = await get('/console/assets/index-Zz_-9876.css')
    expect([css.headers.get('content-type'), css.headers.get('cache-control')]).toEqual([
      'text/css; charset=utf-8',
      'private, max-age=31536000, immutable',
    ])
    const svg = await get('/console/mark.svg')
    expect([svg.headers.get('content-type'), svg.headers.get('cache-control')]).toEqual([
      'image/svg+xml; charset=utf-8',
      'no-cache',
    ])
  })

  test('return the headers of GET for HEAD, without a body', async () => {
    const head = await get('/console/assets/index-1a2b3c4d.js', {}, 'HEAD')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([
      200,
      String(BUILD['assets/index-1a2b3c4d.js']?.length),
      '',
    ])
  })

  test('redirect /console to /console/', async () => {
    const reply = await get('/console')
    expect([reply.status, reply.headers.get('location')]).toEqual([308, '/console/'])
  })

  test('are not in the OpenAPI description, because programs have no use for them', async () => {
    expect(await (await get('/openapi.json')).text()).not.toContain('console')
  })

  test('include a sign-in page without script or code, whose script sends the code in a body', async () => {
    const page = await (await get('/console/sign-in')).text()
    expect(page.match(/<script[^>]*>[^<]/)).toBeNull()
    expect(page).not.toMatch(/ on\w+=/)
  })
})

test('do not exist in an engine without a console, which says so when a link is requested', async () => {
  const bare = await startConsoleEngine({ folder: null })
  try {
    for (const path of ['/console', '/console/', '/console/sign-in', '/console/rpc/status']) {
      expect((await fetch(`${bare.url}${path}`, { method: path.includes('rpc') ? 'POST' : 'GET' })).status).toBe(404)
    }
    await expect(bare.owner.console.signInLink()).rejects.toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining('npm run build'),
    })
    expect((await fetch(`${bare.url}/healthz`)).status).toBe(200)
  } finally {
    await bare[Symbol.asyncDispose]()
  }
})
