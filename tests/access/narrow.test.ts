import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PERMISSIONS } from '../../src/contract/grants.ts'
import type { Grant } from '../../src/contract/grants.ts'
import { decide } from '../../src/engine/access/decide.ts'
import { intersectGrants } from '../../src/engine/access/narrow.ts'
import type { Demand } from '../../src/engine/access/principal.ts'
import { repeats } from '../support/repeats.ts'

const connection = fc.constantFrom('sales', 'stock', 'constructor')
const table = fc.constantFrom('Orders', 'Notes', '__proto__')
const tool = fc.constantFrom('search_a', 'search_b', 'find')
const path = fc.constantFrom('/v1/a', '/v1/a/b', '/v1', '/v2/a', '/v1/../v2/a')
const some = (of: fc.Arbitrary<string>): fc.Arbitrary<string[]> => fc.uniqueArray(of, { minLength: 1, maxLength: 3 })
const grant = fc.record(
  {
    connection,
    permissions: fc.uniqueArray(fc.constantFrom(...PERMISSIONS), { minLength: 1 }),
    tables: some(table),
    tools: some(fc.constantFrom('search_*', '*', 'find', '*_a', 'search_a')),
    paths: some(fc.constantFrom('/v1/*', '/v1/a/*', '/v1/a', '/*', '/v2/a')),
  },
  { requiredKeys: ['connection', 'permissions'] },
) as fc.Arbitrary<Grant>
const grants = fc.array(grant, { maxLength: 4 })
const demand = fc.record(
  {
    connection,
    permission: fc.constantFrom(...PERMISSIONS),
    table,
    tool,
    path,
    wholeDocument: fc.constant(true),
  },
  { requiredKeys: ['connection', 'permission'] },
) as fc.Arbitrary<Demand>

describe('intersecting grants', () => {
  it('allows nothing that either side rejects', () => {
    fc.assert(
      fc.property(grants, grants, demand, (own, held, asked) => {
        if (!decide(intersectGrants(own, held), asked).allowed) return true
        return decide(own, asked).allowed && decide(held, asked).allowed
      }),
      { numRuns: repeats(1000, 5000) },
    )
  })

  it('allows what both sides allow, where no tool patterns overlap in part', () => {
    const plain = fc.array(
      grant.filter((one) => one.tools === undefined),
      { maxLength: 4 },
    )
    fc.assert(
      fc.property(plain, plain, demand, (own, held, asked) => {
        // An empty list of limits also denies listing the rest.
        if (asked.table === undefined && asked.path === undefined) return true
        const both = decide(own, asked).allowed && decide(held, asked).allowed
        return decide(intersectGrants(own, held), asked).allowed === both
      }),
      { numRuns: repeats(1000, 5000) },
    )
  })

  it('keeps limits that only one side has', () => {
    expect(
      intersectGrants(
        [{ connection: 'sales', permissions: ['read', 'write'] }],
        [{ connection: 'sales', permissions: ['read'], tables: ['Orders'] }],
      ),
    ).toEqual([{ connection: 'sales', permissions: ['read'], tables: ['Orders'] }])
  })
})
