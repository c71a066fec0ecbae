import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import { decide, permissionsOn, requireGrant, tablesOn } from '../../src/engine/access/decide.ts'
import { grantsOn } from '../../src/engine/access/grant-index.ts'
import type { Demand } from '../../src/engine/access/principal.ts'
import { refusal } from './support/access-room.ts'

function reason(grants: Grant[], demand: Demand): string {
  const decision = decide(grants, demand, 'token "reader"')
  return decision.allowed ? 'allowed' : decision.reason
}

const paths = (...list: string[]): Grant[] => [{ connection: 'api', permissions: ['read'], paths: list }]
const get = (path: string): Demand => ({ permission: 'read', connection: 'api', path })

describe('decide', () => {
  it('rejects everything without grants', () => {
    expect(reason([], { permission: 'read', connection: 'sales' })).toBe('connection')
  })

  it('names the missing permission in a fixed sentence', () => {
    const decision = decide(
      [{ connection: 'sales', permissions: ['read'] }],
      { permission: 'write', connection: 'sales' },
      'token "reader"',
    )
    expect(decision).toEqual({
      allowed: false,
      reason: 'permission',
      sentence: 'Permission denied: token "reader" doesn\'t have the write permission for "sales".',
    })
  })

  it('does not combine the permission of one grant with the table of another', () => {
    const grants: Grant[] = [
      { connection: 'sales', permissions: ['read'], tables: ['Orders', 'Customers'] },
      { connection: 'sales', permissions: ['write'], tables: ['Notes'] },
      { connection: 'stock', permissions: ['read', 'write', 'schema'] },
    ]
    expect(reason(grants, { permission: 'write', connection: 'sales', table: 'Orders' })).toBe('table')
    expect(reason(grants, { permission: 'read', connection: 'sales', table: 'Notes' })).toBe('table')
    expect(reason(grants, { permission: 'schema', connection: 'sales', table: 'Notes' })).toBe('permission')
    expect(reason(grants, { permission: 'write', connection: 'sales', table: 'Notes' })).toBe('allowed')
    expect(reason(grants, { permission: 'read', connection: 'sales', table: 'Orders' })).toBe('allowed')
  })

  it('denies SQL to a grant limited to tables, because SQL can read others', () => {
    const grants: Grant[] = [{ connection: 'sales', permissions: ['read'], tables: ['Orders'] }]
    const decision = decide(grants, { permission: 'read', connection: 'sales', wholeDocument: true })
    expect(decision).toMatchObject({ allowed: false, reason: 'whole-document' })
    expect(decision.allowed ? '' : decision.sentence).toMatch(/^Permission denied.*can't run SQL queries/)
    expect(
      reason([{ connection: 'sales', permissions: ['read'] }], {
        permission: 'read',
        connection: 'sales',
        wholeDocument: true,
      }),
    ).toBe('allowed')
  })

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0', ''])(
    'does not find the name %j by accident',
    (name) => {
      const grants: Grant[] = [
        { connection: 'sales', permissions: ['read'], tables: ['Orders'] },
        { connection: 'tools', permissions: ['read'], tools: ['search'] },
        ...paths('/v1'),
      ]
      expect(reason(grants, { permission: 'read', connection: name })).toBe('connection')
      expect(reason(grants, { permission: 'read', connection: 'sales', table: name })).toBe('table')
      expect(reason(grants, { permission: 'read', connection: 'tools', tool: name })).toBe('tool')
      expect(reason(grants, { permission: name as 'read', connection: 'sales', table: 'Orders' })).toBe('permission')
      expect(reason(grants, get(`/${name}`))).toBe('path')
    },
  )

  it.each(['__proto__', 'constructor'])('allows a table and a tool really named %j', (name) => {
    const grants: Grant[] = [
      { connection: 'sales', permissions: ['read'], tables: [name] },
      { connection: 'tools', permissions: ['read'], tools: [name] },
    ]
    expect(reason(grants, { permission: 'read', connection: 'sales', table: name })).toBe('allowed')
    expect(reason(grants, { permission: 'read', connection: 'tools', tool: name })).toBe('allowed')
  })

  it.each(['orders', 'ORDERS', 'Orders ', 'Order', 'Orders2', 'Orders\u0000', '*', 'Ord*'])(
    'compares complete table names: %j is not Orders',
    (table) => {
      expect(
        reason([{ connection: 'sales', permissions: ['read'], tables: ['Orders'] }], {
          permission: 'read',
          connection: 'sales',
          table,
        }),
      ).toBe('table')
    },
  )

  it('denies a call without a value for the dimension that a grant is limited in', () => {
    expect(reason(paths('/v1/*'), { permission: 'read', connection: 'api', tool: 'search' })).toBe('tool')
    expect(reason([{ connection: 'api', permissions: ['read'], tools: ['search'] }], get('/v1/x'))).toBe('path')
    expect(
      reason([{ connection: 'api', permissions: ['read'], tools: ['search'], paths: ['/v1/*'] }], get('/v1/x')),
    ).toBe('path')
    expect(
      reason([{ connection: 'api', permissions: ['read'], tools: ['search'], paths: ['/v1/*'] }], {
        ...get('/v1/x'),
        tool: 'search',
      }),
    ).toBe('allowed')
  })

  it.each([
    '/v1/listings-secret',
    '/v1/listings',
    '/v1/listings/',
    '/v1/listings/../x',
    '/v1/listings/..',
    '/v1/listings/./../../x',
    '/v1/listings/%2e%2e/x',
    '/v1/listings/%2E%2e/x',
    '/v1/listings/.%2e/x',
    '/v1/listings/%252e%252e/x',
    '/v1/listings/..%2fx',
    '/v1/listings/a%2f..%2f..%2fx',
    '/v1/listings/a%5c..%5cx',
    '/v1/listings/..\\x',
    '/v1/listings/..;/x',
    '/v1/listings/..;a=b/x',
    '/v1/listings//x',
    '//v1/listings/x',
    '/V1/listings/x',
    'v1/listings/x',
    '/v1/listings/x?y',
    '/v1/listings/x#y',
    '/v1/listings/x%00',
    '/v1/listings/x%0d%0a',
    '/v1/listings/%',
    '/v1/listings/%zz',
    '/v1/listings/%c0%ae%c0%ae/x',
    '/v1/listings/...',
    '/v1/listings/..%20/x',
    '/v1/x/listings/y',
    '',
    '/',
    '*',
    '/*',
    'http://elsewhere/v1/listings/x',
  ])('does not let /v1/listings/* cover %j', (path) => {
    expect(reason(paths('/v1/listings/*'), get(path))).toBe('path')
  })

  it.each([
    '/v1/listings/5',
    '/v1/listings/5/photos',
    '/v1/listings/a%20b',
    '/v1/l%69stings/5',
    '/v1/listings/5/',
    '/v1/listings/*',
  ])('lets /v1/listings/* cover %j', (path) => {
    expect(reason(paths('/v1/listings/*'), get(path))).toBe('allowed')
  })

  it('covers only the path itself for a path without a wildcard', () => {
    expect(reason(paths('/v1/listings'), get('/v1/listings'))).toBe('allowed')
    expect(reason(paths('/v1/listings'), get('/v1/listings/5'))).toBe('path')
    expect(reason(paths('/v1/listings'), get('/v1/listings/'))).toBe('path')
  })

  it.each([
    ['search_*', 'search', false],
    ['search_*', 'xsearch_a', false],
    ['search_*', 'search_a', true],
    ['search_*', 'search_', true],
    ['*_read', 'read', false],
    ['*_read', 'a_read', true],
    ['a*a', 'a', false],
    ['a*a', 'aa', true],
    ['a*b*c', 'acb', false],
    ['a*b*c', 'axbxc', true],
    ['*ab*ab*', 'ab', false],
    ['*ab*ab*', 'abab', true],
    ['*', '', true],
    ['.*', 'xx', false],
    ['a.b', 'axb', false],
    ['search', 'Search', false],
  ])('tool pattern %j against %j: %j', (pattern, tool, allowed) => {
    const grants: Grant[] = [{ connection: 'tools', permissions: ['read'], tools: [pattern] }]
    expect(reason(grants, { permission: 'read', connection: 'tools', tool })).toBe(allowed ? 'allowed' : 'tool')
  })

  it("throws UNAUTHORIZED with a sentence whose names can't be mistaken for other text", () => {
    const refused = refusal(() =>
      requireGrant(
        { kind: 'access', name: 'reader', grants: [] },
        { permission: 'read', connection: `x\u202e\n${'y'.repeat(500)}` },
      ),
    )
    expect(refused.code).toBe('UNAUTHORIZED')
    expect(refused.message).toMatch(/^Document not in scope: token "reader" has no access to "x��y+…"\.$/)
  })

  it('lists which permissions and tables are held', () => {
    const grants: Grant[] = [
      { connection: 'sales', permissions: ['write', 'read'], tables: ['Orders'] },
      { connection: 'sales', permissions: ['read'], tables: ['Notes'] },
      { connection: 'stock', permissions: ['schema'] },
      { connection: 'mixed', permissions: ['read'], paths: ['/x'] },
    ]
    expect(permissionsOn(grants, 'sales')).toEqual(['read', 'write'])
    expect(tablesOn(grants, 'sales')).toEqual(['Orders', 'Notes'])
    expect(tablesOn(grants, 'sales', 'write')).toEqual(['Orders'])
    expect(tablesOn(grants, 'stock', 'schema')).toBeNull()
    expect(tablesOn(grants, 'stock')).toEqual([])
    expect(tablesOn(grants, 'mixed')).toEqual([])
  })
})

describe('many grants', () => {
  it('are decided on as quickly as few, in any order', () => {
    const others = Array.from({ length: 200 }, (_, index) => ({
      connection: `c${index}`,
      permissions: ['read' as const],
    }))
    const grants = [
      ...others.slice(0, 100),
      { connection: 'sales', permissions: ['read' as const], tables: ['Orders'] },
      ...others.slice(100),
      { connection: 'sales', permissions: ['write' as const] },
    ]
    const outcome = (list: readonly Grant[], table: string, permission: 'read' | 'write' | 'schema') =>
      decide(list, { connection: 'sales', permission, table })
    for (const table of ['Orders', 'Notes'])
      for (const permission of ['read', 'write', 'schema'] as const)
        expect(outcome(grants, table, permission)).toEqual(
          outcome(
            grants.filter((grant) => grant.connection === 'sales'),
            table,
            permission,
          ),
        )
    expect(grantsOn(grants, 'sales')).toHaveLength(2)
    expect(grantsOn(grants, 'constructor')).toEqual([])
    expect(grantsOn(Object.freeze([...grants]), 'sales')).toHaveLength(2)
    expect(JSON.stringify(grants)).not.toContain('by connection')
  })

  it('decides the same with an index as without one, for any grants', () => {
    const TABLES = ['Orders', 'Notes', '__proto__', '*', '/v1/*']
    const TOOLS = ['read_file', 'write_file', 'read_*', '*', '*_file', 'a*b']
    const PATHS = [
      '/',
      '/*',
      '/v1',
      '/v1/',
      '/v1/*',
      '/v1/users',
      '/v1/users/*',
      '/v1/users/7',
      '/v1/a%20b',
      '/v1/a%2Fb/*',
      '/*/x',
    ]
    const ASKED = [
      ...PATHS,
      '/v1/users/7/x',
      '/v1/a b',
      '/v1/a/b/c',
      '/v1/../x',
      '//',
      '/v1//x',
      '/v1/%2e%2e',
      'v1',
      '',
      '/'.repeat(2000),
    ]
    // A generator of its own, so that a failure can be repeated.
    let seed = 7
    const upTo = (count: number): number => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return Math.floor((seed / 2_147_483_648) * count)
    }
    const some = <T>(list: readonly T[], most: number): T[] =>
      Array.from({ length: 1 + upTo(most) }, () => list[upTo(list.length)] as T)
    let allowed = 0
    for (let round = 0; round < 300; round += 1) {
      const grants: Grant[] = Array.from({ length: 1 + upTo(40) }, () => ({
        connection: some(['sales', 'stock'], 1)[0] ?? '',
        permissions: some(['read', 'write'] as const, 2),
        ...(upTo(3) === 0 ? { tables: some(TABLES, 3) } : {}),
        ...(upTo(3) === 0 ? { tools: some(TOOLS, 3) } : {}),
        ...(upTo(2) === 0 ? { paths: some(PATHS, round % 2 === 0 ? 3 : 30) } : {}),
      }))
      // Those that are not limited would allow nearly everything.
      const limited = grants.filter(({ tables, tools, paths: held }) => (tables ?? tools ?? held) !== undefined)
      const plain = Object.freeze([...limited])
      for (let asked = 0; asked < 40; asked += 1) {
        const demand: Demand = {
          connection: some(['sales', 'stock', 'none'], 1)[0] ?? '',
          permission: some(['read', 'write', 'schema'] as const, 1)[0] ?? 'read',
          ...(upTo(3) === 0 ? { table: some(TABLES, 1)[0] ?? '' } : {}),
          ...(upTo(3) === 0 ? { tool: some(TOOLS, 1)[0] ?? '' } : {}),
          ...(upTo(2) === 0 ? { path: some(ASKED, 1)[0] ?? '' } : {}),
          ...(upTo(8) === 0 ? { wholeDocument: true } : {}),
        }
        const decision = decide(limited, demand)
        expect(decision, JSON.stringify({ limited, demand })).toEqual(decide(plain, demand))
        if (decision.allowed) allowed += 1
      }
    }
    expect(allowed).toBeGreaterThan(1000)
  })
})
