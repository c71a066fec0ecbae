import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/engine/clock.ts'
import { createGristConnector } from '../../../src/engine/documents/grist/create-grist-connector.ts'
import { classOf } from '../../../src/engine/egress/address-class.ts'
import { parseBaseAddress } from '../../../src/engine/egress/base-address.ts'
import { dialProblem, type DialRules, type Resolve } from '../../../src/engine/egress/dial-guard.ts'
import { createFetchWhole } from '../../../src/engine/egress/fetch-whole.ts'
import { loadOpenapiSource } from '../../../src/engine/http-apis/openapi/document/load-source.ts'
import { Secret } from '../../../src/engine/secrets/secret.ts'
import { startHttpUpstream, type TestUpstream } from '../../http-apis/support/start-http-upstream.ts'

const KEY = 'canary-key-of-a-connection'
const open: { [Symbol.asyncDispose](): Promise<void> }[] = []
afterEach(async () => {
  for (const one of open.splice(0)) await one[Symbol.asyncDispose]()
})
async function upstreamOf(): Promise<TestUpstream> {
  const upstream = await startHttpUpstream()
  open.push(upstream)
  return upstream
}

const rules = (more: Partial<DialRules> = {}): DialRules => ({
  pinned: false,
  plainHttp: false,
  ownPort: () => null,
  ...more,
})
const leadsTo =
  (address: string): Resolve =>
  (_hostname, found) =>
    found(null, [{ address, family: address.includes(':') ? 6 : 4 }])

/** Every way to write the metadata address of most clouds. */
const METADATA_FORMS = [
  '169.254.169.254',
  '2852039166',
  '0xa9fea9fe',
  '0251.0376.0251.0376',
  '169.254.43518',
  '[::ffff:169.254.169.254]',
  '[::ffff:a9fe:a9fe]',
  '[0:0:0:0:0:ffff:a9fe:a9fe]',
  '[::169.254.169.254]',
  '[64:ff9b::a9fe:a9fe]',
  '[64:ff9b:1::a9fe:a9fe]',
  '[2002:a9fe:a9fe::1]',
  '[::ffff:0:a9fe:a9fe]',
  '[fd00:ec2::254]',
  '169.254.170.2',
  '100.100.100.200',
  '168.63.129.16',
]

describe('a cloud metadata service', () => {
  it.each(METADATA_FORMS)('is never dialed as %s, whatever the owner allowed', (host) => {
    const base = parseBaseAddress(`https://${host}/latest/meta-data`)
    expect(dialProblem(base, base.hostname, rules({ pinned: true, plainHttp: true }))).toContain('metadata service')
  })

  it('is never dialed by a name, in any form of its address', () => {
    const base = parseBaseAddress('https://innocent.example')
    for (const form of METADATA_FORMS) {
      const address = parseBaseAddress(`http://${form}`).hostname
      expect(dialProblem(base, address, rules({ pinned: true, plainHttp: true })), form).toContain('metadata service')
    }
  })
})

describe('the class of an address', () => {
  it.each([
    ['8.8.8.8', 'public'],
    ['2606:4700::1111', 'public'],
    ['::ffff:8.8.8.8', 'public'],
    ['127.0.0.1', 'loopback'],
    ['::1', 'loopback'],
    ['::ffff:127.0.0.1', 'loopback'],
    ['::ffff:7f00:1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['::ffff:10.0.0.1', 'private'],
    ['fd12::1', 'private'],
    ['64:ff9b::808:808', 'private'],
    ['2002:7f00:1::', 'private'],
    ['::7f00:1', 'private'],
    ['fe80::1%eth0', 'never'],
    ['::', 'never'],
    ['0.0.0.0', 'never'],
    ['64:ff9b::e000:1', 'never'],
    ['not an address', 'never'],
  ])('of %s is %s', (address, kind) => {
    expect(classOf(address)).toBe(kind)
  })
})

describe('a secret over http://', () => {
  const problem = (url: string, address: string, more: Partial<DialRules> = {}): string | null =>
    dialProblem(parseBaseAddress(url), address, rules(more))

  it("is sent to no public address without the owner's permission", () => {
    expect(problem('http://api.example', '93.184.216.34')).toContain('--plain-http')
    expect(problem('http://93.184.216.34', '93.184.216.34')).toContain('--plain-http')
    expect(problem('http://api.example', '::ffff:93.184.216.34', { pinned: true })).toContain('--plain-http')
  })

  it("is sent with the owner's permission, over TLS, and within this computer or network", () => {
    expect(problem('http://api.example', '93.184.216.34', { plainHttp: true })).toBeNull()
    expect(problem('https://api.example', '93.184.216.34')).toBeNull()
    expect(problem('http://127.0.0.1:8080', '127.0.0.1')).toBeNull()
    expect(problem('http://192.168.1.5', '192.168.1.5')).toBeNull()
    expect(problem('http://crm.internal', '10.0.0.5', { pinned: true })).toBeNull()
  })
})

describe('a Grist document', () => {
  const probe = async (url: string, more: Partial<DialRules>, resolve?: Resolve): Promise<string> => {
    const dial = { rules: rules(more), ...(resolve === undefined ? {} : { resolve }) }
    const connector = createGristConnector({ url, doc: 'sT4nd1nD0c', clock: systemClock, dial })
    try {
      await connector.probe({ signal: AbortSignal.timeout(5000), secret: async () => new Secret(KEY) })
      return 'reached'
    } catch (thrown) {
      return (thrown as Error).message
    } finally {
      await connector.close()
    }
  }

  it.each(['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '64:ff9b::7f00:1'])(
    'whose name leads to %s gets no key',
    async (address) => {
      const upstream = await upstreamOf()
      const said = await probe(`http://grist.example:${upstream.port}`, {}, leadsTo(address))
      expect(said).toMatch(/private network|metadata service/)
      expect(upstream.seen).toEqual([])
    },
  )

  it('gets its key in a private network once the owner allowed that, and by a literal address', async () => {
    const upstream = await upstreamOf()
    await probe(`http://grist.example:${upstream.port}`, { pinned: true }, leadsTo('127.0.0.1'))
    await probe(upstream.url, {})
    expect(upstream.seen.map((one) => one.headers.authorization)).toEqual([`Bearer ${KEY}`, `Bearer ${KEY}`])
  })

  it('is never Hallpass itself', async () => {
    const upstream = await upstreamOf()
    expect(await probe(upstream.url, { ownPort: () => upstream.port })).toContain('Hallpass itself')
    expect(upstream.seen).toEqual([])
  })
})

describe('an OpenAPI document', () => {
  const load = (url: string, resolve: Resolve): Promise<string> =>
    loadOpenapiSource(
      { url },
      createFetchWhole(rules(), { bytes: 65_536, timeoutMs: 5000, resolve }),
      null,
      AbortSignal.timeout(5000),
      65_536,
    )

  it('that redirects into this computer or network is not followed there', async () => {
    const canary = await upstreamOf()
    for (const target of [
      `http://127.0.0.1:${canary.port}/latest`,
      `http://localhost:${canary.port}/latest`,
      `http://[::ffff:127.0.0.1]:${canary.port}/latest`,
      `http://inside.example:${canary.port}/latest`,
    ]) {
      // The first hop is where the owner's URL leads: a public name, which this test answers from here.
      const fetched: string[] = []
      const guarded = createFetchWhole(rules(), { bytes: 1024, timeoutMs: 5000, resolve: leadsTo('127.0.0.1') })
      const failure = await loadOpenapiSource(
        { url: 'https://api.example/openapi.json' },
        async (request, signal) => {
          fetched.push(request.url)
          return fetched.length === 1
            ? { status: 302, contentType: '', location: target, text: '' }
            : guarded(request, signal)
        },
        null,
        AbortSignal.timeout(5000),
        1024,
      ).catch((thrown: Error) => thrown.message)
      expect(failure, target).toMatch(/private network/)
    }
    expect(canary.seen).toEqual([])
  })

  it('that redirects to a metadata service is not followed there', async () => {
    const upstream = await upstreamOf()
    upstream.answer = (_request, response) =>
      response.writeHead(302, { location: 'http://169.254.169.254/latest/meta-data' }).end()
    await expect(load(`${upstream.url}/openapi.json`, leadsTo('127.0.0.1'))).rejects.toThrow(/private network|metadata/)
  })

  it("can redirect to where the owner's own URL leads", async () => {
    const upstream = await upstreamOf()
    upstream.at.set('/old', (_request, response) => response.writeHead(302, { location: '/new' }).end())
    expect(await load(`${upstream.url}/old`, leadsTo('127.0.0.1'))).toBe('{"ok":true}')
  })
})
