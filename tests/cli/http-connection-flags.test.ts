import { resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { httpConfig } from '../../src/cli/flags/http-connection-flags.ts'
import { httpConnectionSchema } from '../../src/contract/upstreams/http-connection.ts'

const url = 'https://api.example.com/v1'

describe('options of an HTTP API', () => {
  it.each([
    [{}, /Missing required option: --url/],
    [{ url, auth: 'token' }, /Invalid --auth "token"/],
    [{ url, auth: 'header' }, /Missing required option: --auth header:NAME/],
    [{ url, auth: 'query:' }, /Missing required option: --auth query:NAME/],
    [{ url, auth: 'oauth', clientId: 'a' }, /Missing required option: --token-url/],
    [{ url, auth: 'bearer', username: 'a' }, /--username can only be used with --auth basic/],
    [{ url, auth: 'bearer', scope: 'a' }, /can only be used with --auth oauth/],
    [{ url, rule: ['/a'] }, /Invalid --rule "\/a"/],
    [{ url, rule: ['/a=admin'] }, /--rule/],
    [{ url, rule: ['FETCH /a=read'] }, /--rule/],
    [{ url, operation: ['a'] }, /--operation and --tag choose from an OpenAPI document/],
    [{ url, timeout: '30' }, /Invalid --timeout "30"/],
    [{ url, concurrency: 'many' }, /Invalid --concurrency "many"/],
  ])('%j are rejected with the problem', (flags, sentence) => {
    expect(() => httpConfig(flags)).toThrow(sentence)
  })

  it('become a configuration that the engine accepts', () => {
    const config = httpConfig({
      url,
      auth: 'header:Authorization=Token',
      rule: ['get,POST /search/{id}=read', '/admin/*=schema'],
      openapi: 'api.yaml',
      operation: ['a', 'b'],
      pin: true,
      health: '/me',
      timeout: '30s',
      concurrency: '4',
    })
    expect(config).toEqual({
      kind: 'http',
      url,
      auth: { type: 'header', name: 'Authorization', prefix: 'Token' },
      pinned: true,
      health_path: '/me',
      timeout_ms: 30_000,
      concurrency: 4,
      rules: [
        { methods: ['GET', 'POST'], path: '/search/{id}', permission: 'read' },
        { path: '/admin/*', permission: 'schema' },
      ],
      openapi: { source: { path: resolve('api.yaml') }, operations: ['a', 'b'] },
    })
    expect(httpConnectionSchema.safeParse(config).success).toBe(true)
    for (const flags of [
      { auth: 'basic', username: 'u' },
      { auth: 'basic' },
      { auth: 'query:api_key' },
      { auth: 'none' },
      { openapi: 'https://a.example/x' },
      { auth: 'oauth', tokenUrl: 'https://a.example/t', clientId: 'c' },
    ]) {
      expect(httpConnectionSchema.safeParse(httpConfig({ url, ...flags })).success).toBe(true)
    }
  })
})
