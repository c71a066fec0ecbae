import { describe, expect, it } from 'vitest'
import { compileRules } from '../../src/engine/http-apis/request-rules.ts'

describe('rules', () => {
  it.each(['/a/*/b', '/a/../b', 'a', '/a//b', '/a%2fb', '/%2e%2e'])(
    'with the path %s are rejected by their number',
    (path) => {
      expect(() =>
        compileRules([
          { path: '/fine', permission: 'read' },
          { path, permission: 'read' },
        ]),
      ).toThrow(expect.objectContaining({ field: 'config.rules.1.path' }))
    },
  )

  it.each([
    '/admin/keys',
    '/admin/keys/',
    '/admin;x=1/keys',
    '/admin/keys;v=2',
    '/adm%69n/keys',
    '/admin/keys/5/parts',
    '/Admin/keys',
    '/admin./keys',
    '/admin%20/keys',
    '/ADMIN',
  ])('for everything below /admin cover %s', (path) => {
    expect(compileRules([{ path: '/admin/*', permission: 'schema' }])('GET', path)).toBe('schema')
  })

  it.each(['/administration', '/other/admin/keys', '/admin-2/keys'])(
    'for everything below /admin do not cover %s',
    (path) => {
      expect(compileRules([{ path: '/admin/*', permission: 'schema' }])('GET', path)).toBe('read')
    },
  )

  it('that require less than usual apply only to the exact path', () => {
    const permissionOf = compileRules([{ methods: ['POST'], path: '/search', permission: 'read' }])
    expect(['/search', '/Search', '/search.'].map((path) => permissionOf('POST', path))).toEqual([
      'read',
      'write',
      'write',
    ])
  })

  it('apply in order, by method and path, and braces match one segment', () => {
    const permissionOf = compileRules([
      { methods: ['POST'], path: '/listings/search', permission: 'read' },
      { path: '/listings/{id}/owner', permission: 'schema' },
      { path: '/listings/*', permission: 'write' },
    ])
    expect(permissionOf('POST', '/listings/search')).toBe('read')
    expect(permissionOf('GET', '/listings/search')).toBe('write')
    expect(permissionOf('GET', '/listings/5/owner')).toBe('schema')
    expect(permissionOf('GET', '/listings/5/6/owner')).toBe('write')
    expect(permissionOf('GET', '/listings')).toBe('write')
  })

  it('default to read for reading methods and write for the others', () => {
    const permissionOf = compileRules()
    expect(
      ['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE'].map((method) => permissionOf(method, '/x')),
    ).toEqual(['read', 'read', 'read', 'write', 'write', 'write', 'write'])
  })
})
