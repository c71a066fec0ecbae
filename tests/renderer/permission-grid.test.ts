import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { PERMISSIONS, type Grant } from '../../src/contract/grants.ts'
import { cellOf, linesOf, WHOLE, withPermission } from '../../src/renderer/features/tokens/page/permission-grid.ts'

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
})
