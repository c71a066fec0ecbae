import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PERMISSIONS, type Grant } from '../../src/contract/grants.ts'
import {
  allowedAll,
  cellOf,
  changesBetween,
  isUnchosen,
  limitedTo,
  linesOf,
  WHOLE,
  withPermission,
} from '../../src/renderer/features/tokens/page/permission-grid.ts'

const permissions = fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { minLength: 1 })
const names = fc.uniqueArray(fc.constantFrom('Orders', 'Invoices', 'a:b', 'find_*'), { minLength: 1 })
const connection = fc.constantFrom('sales', 'crm', 'api')
const grant = fc.oneof(
  fc.record({ connection, permissions }),
  fc.record({ connection, permissions, tables: names }),
  fc.record({ connection, permissions, tools: names, paths: names }),
) as fc.Arbitrary<Grant>

/** What the grants say of each connection, resource and permission, however they are grouped. */
function meaning(grants: readonly Grant[]): string[] {
  const lines = grants.flatMap((one) => {
    const limits = Object.entries(one).filter(([name]) => ['tables', 'tools', 'paths'].includes(name))
    if (limits.length > 1) return [JSON.stringify(one)]
    const resources = limits.flatMap(([name, list]) => (list as string[]).map((resource) => `${name} ${resource}`))
    return one.permissions.flatMap((permission) =>
      (resources.length === 0 ? ['all'] : resources).map((resource) => `${one.connection} ${permission} ${resource}`),
    )
  })
  return [...new Set(lines)].toSorted()
}

describe('the grid of permissions', () => {
  test('changes one permission at one scope, and nothing else', () => {
    fc.assert(
      fc.property(
        fc.array(grant, { maxLength: 5 }),
        connection,
        fc.constantFrom(...PERMISSIONS),
        (grants, name, permission) => {
          const given = withPermission(grants, name, { limit: 'tables', resource: 'Orders' }, permission, true)
          expect(meaning(given)).toEqual(
            meaning([...grants, { connection: name, permissions: [permission], tables: ['Orders'] }]),
          )
          const taken = withPermission(given, name, { limit: 'tables', resource: 'Orders' }, permission, false)
          expect(meaning(taken)).toEqual(
            meaning(grants).filter((line) => line !== `${name} ${permission} tables Orders`),
          )
        },
      ),
    )
  })

  test('TP2 leaves grants of other connections unchanged and in place', () => {
    const grants: Grant[] = [
      { connection: 'crm', permissions: ['read'] },
      { connection: 'sales', permissions: ['read'], tables: ['Orders'] },
      { connection: 'api', permissions: ['write', 'read'], paths: ['/v1/*'] },
    ]
    const next = withPermission(grants, 'sales', WHOLE, 'read', true)
    expect([next[0], next.at(-1)]).toEqual([grants[0], grants[2]])
  })

  test('never creates a grant without permissions or with an empty list', () => {
    const grants: Grant[] = [{ connection: 'sales', permissions: ['write'], tables: ['Orders'] }]
    expect(withPermission(grants, 'sales', { limit: 'tables', resource: 'Orders' }, 'write', false)).toEqual([])
  })

  test('keeps a grant limited in two ways, and draws no line for it', () => {
    const custom: Grant = { connection: 'api', permissions: ['read'], tools: ['get_a'], paths: ['/v1/*'] }
    expect(withPermission([custom], 'api', WHOLE, 'write', true)).toEqual([
      { connection: 'api', permissions: ['write'] },
      custom,
    ])
    expect(linesOf([custom], 'api')).toEqual([{ scope: WHOLE, held: [] }])
  })

  test('shows full, partial and empty boxes for the whole connection', () => {
    const grants: Grant[] = [
      { connection: 'sales', permissions: ['read'] },
      { connection: 'sales', permissions: ['write'], tables: ['Orders'] },
    ]
    expect(PERMISSIONS.map((permission) => cellOf(grants, 'sales', permission))).toEqual(['full', 'partial', 'empty'])
  })

  test('TP6 a connection limited to nothing counts as unchosen until something is chosen or all is allowed', () => {
    const grants: Grant[] = [
      { connection: 'sales', permissions: ['read'] },
      { connection: 'crm', permissions: ['read', 'write'] },
    ]
    const limited = limitedTo(grants, 'crm', 'tables')
    expect(limited.map(isUnchosen)).toEqual([false, true])
    expect(PERMISSIONS.map((permission) => cellOf(limited, 'crm', permission))).toEqual(['partial', 'partial', 'empty'])
    const chosen = withPermission(limited, 'crm', { limit: 'tables', resource: 'Orders' }, 'read', true)
    expect(chosen).toEqual([grants[0], { connection: 'crm', permissions: ['read'], tables: ['Orders'] }])
    expect(withPermission(limited, 'sales', WHOLE, 'read', false)).toEqual([limited[1]])
    expect(allowedAll(limited, 'crm')).toEqual(grants)
  })

  test('lists the differences of two lists of grants, and none if only their grouping differs', () => {
    fc.assert(
      fc.property(fc.array(grant, { maxLength: 5 }), fc.array(grant, { maxLength: 5 }), (before, after) => {
        const custom = (all: readonly Grant[]) =>
          all.filter(({ tools, paths }) => tools !== undefined && paths !== undefined)
        const simple = (all: readonly Grant[]) => all.filter((one) => !custom(all).includes(one))
        const [was, is] = [meaning(simple(before)), meaning(simple(after))]
        const texts = changesBetween(before, after).map(
          ({ connection: name, permission, scope, given }) =>
            `${given ? '+' : '-'}${name} ${permission} ${scope.limit === null ? 'all' : `${scope.limit} ${scope.resource}`}`,
        )
        expect(texts.toSorted()).toEqual(
          [
            ...is.filter((line) => !was.includes(line)).map((line) => `+${line}`),
            ...was.filter((line) => !is.includes(line)).map((line) => `-${line}`),
          ].toSorted(),
        )
      }),
    )
  })
})
