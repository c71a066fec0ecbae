import { describe, expect, it } from 'vitest'
import { parseBaseAddress } from '../../src/engine/egress/base-address.ts'
import { systemProxy } from '../../src/engine/egress/system-proxy.ts'

const PROXY = 'http://user:pw@proxy.corp:3128'
const proxyOf = (url: string, env: Record<string, string>, choice: 'system' | 'none' | undefined = 'system') =>
  systemProxy(parseBaseAddress(url), choice, env)?.host ?? null

describe('the system’s proxy', () => {
  it.each([
    ['no variable names one', 'https://api.example.com', {}],
    ['only the other scheme has one', 'https://api.example.com', { HTTP_PROXY: PROXY }],
    ['the upstream is localhost', 'http://localhost:8080', { HTTP_PROXY: PROXY }],
    ['the upstream is this computer', 'http://127.0.0.1:8080', { HTTP_PROXY: PROXY }],
    ['the upstream is ::1', 'http://[::1]:8080', { HTTP_PROXY: PROXY }],
    ['NO_PROXY is *', 'http://api.example.com', { HTTP_PROXY: PROXY, NO_PROXY: '*' }],
    ['NO_PROXY names the host', 'http://api.example.com', { HTTP_PROXY: PROXY, NO_PROXY: 'a.b, API.example.com' }],
    ['NO_PROXY names its domain', 'http://api.example.com', { HTTP_PROXY: PROXY, no_proxy: '.example.com' }],
    [
      'NO_PROXY names host and port',
      'http://api.example.com:81',
      { HTTP_PROXY: PROXY, NO_PROXY: 'api.example.com:81' },
    ],
    ['NO_PROXY names its range', 'http://10.1.2.3', { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }],
    ["the variable isn't the URL of a proxy", 'http://api.example.com', { HTTP_PROXY: 'socks5://proxy.corp' }],
  ])('is not used if %s', (_, url, env) => {
    expect(proxyOf(url, env)).toBeNull()
  })

  it.each([
    ['https', 'https://api.example.com', { HTTPS_PROXY: PROXY }],
    ['http', 'http://api.example.com', { http_proxy: PROXY }],
    ['a proxy without a scheme', 'http://api.example.com', { HTTP_PROXY: 'proxy.corp:3128' }],
    [
      'a port other than the one in NO_PROXY',
      'http://api.example.com',
      { HTTP_PROXY: PROXY, NO_PROXY: 'api.example.com:81' },
    ],
    ['a host that only has the same ending', 'http://myexample.com', { HTTP_PROXY: PROXY, NO_PROXY: 'example.com' }],
    ['a name in a private range', 'http://intranet.corp', { HTTP_PROXY: PROXY, NO_PROXY: '10.0.0.0/8' }],
  ])('is used for %s', (_, url, env) => {
    expect(proxyOf(url, env)).toBe('proxy.corp:3128')
  })

  it("follows Node's own switch if the owner chose nothing", () => {
    const env = { HTTPS_PROXY: PROXY }
    const url = 'https://api.example.com'
    expect(systemProxy(parseBaseAddress(url), undefined, env)).toBeNull()
    expect(systemProxy(parseBaseAddress(url), undefined, { ...env, NODE_USE_ENV_PROXY: '1' })?.host).toBe(
      'proxy.corp:3128',
    )
    expect(proxyOf(url, { ...env, NODE_USE_ENV_PROXY: '1' }, 'none')).toBeNull()
  })
})
