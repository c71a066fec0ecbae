import { array, assert, constantFrom, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathCovers } from '../../src/engine/text/resource-patterns.ts'

describe('a path of a grant', () => {
  it.each([
    ['/v1/*', '/v1'],
    ['/v1/*', '/v1/'],
    ['/v1/*', '/v10/orders'],
    ['/v1/*', '/v1/../admin'],
    ['/v1/*', '/v1/%2e%2e/admin'],
    ['/v1', '/v1/'],
    ['/v1', '/V1'],
    ['/v1/a', '/v1/*'],
    ['/v1/%61/*', '/v1/b/c'],
    ['v1/*', '/v1/a'],
  ])('%s does not cover %s', (pattern, path) => {
    expect(pathCovers(pattern, path)).toBe(false)
  })

  it.each([
    ['/*', '/v1'],
    ['/v1/*', '/v1/orders/7'],
    ['/v1/*', '/v1/a/*'],
    ['/v1/*', '/%761/orders'],
    ['/v1/%61/*', '/v1/a/b'],
    ['/v1/a', '/v1/a'],
    ['/v1/a', '/v1/%61'],
  ])('%s covers %s', (pattern, path) => {
    expect(pathCovers(pattern, path)).toBe(true)
  })

  it('covers the same paths however one of their letters is encoded', () => {
    const path = array(constantFrom('a', 'b', 'ab', '*', ''), { minLength: 1, maxLength: 4 }).map(
      (parts) => `/${parts.join('/')}`,
    )
    assert(
      property(path, path, (pattern, wanted) => {
        expect(pathCovers(pattern, wanted.replace('a', '%61'))).toBe(pathCovers(pattern, wanted))
      }),
    )
  })
})
