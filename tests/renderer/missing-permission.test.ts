import { describe, expect, it } from 'vitest'
import type { Demand } from '../../src/engine/access/principal.ts'
import { describeRefusal } from '../../src/engine/access/describe-decision.ts'
import { missingPermission } from '../../src/renderer/features/tokens/page/missing-permission.ts'
import { limitValues, typedBudget } from '../../src/renderer/features/tokens/page/tabs/limit-values.ts'
import { rowOf } from './support/log-stand-in.ts'

describe('the permission that a denied request needed', () => {
  const of = (demand: Demand) =>
    missingPermission(
      rowOf({
        connection: demand.connection,
        permission: demand.permission,
        refusal: describeRefusal(demand, [], { reason: 'permission', sentence: 'Permission denied.' }),
      }),
    )

  it.each([
    [
      { permission: 'write', connection: 'sales', table: 'Orders' },
      { limit: 'tables', resource: 'Orders' },
    ],
    [
      { permission: 'write', connection: 'sales', table: 'A, path /b' },
      { limit: 'tables', resource: 'A, path /b' },
    ],
    [
      { permission: 'write', connection: 'crm', tool: 'add_lead' },
      { limit: 'tools', resource: 'add_lead' },
    ],
    [
      { permission: 'write', connection: 'crm', tool: 'add', path: '/a' },
      { limit: 'tools', resource: 'add' },
    ],
    [
      { permission: 'read', connection: 'api', path: '/v1/x' },
      { limit: 'paths', resource: '/v1/x' },
    ],
    [
      { permission: 'read', connection: 'sales', wholeDocument: true },
      { limit: null, resource: null },
    ],
    [
      { permission: 'schema', connection: 'sales' },
      { limit: null, resource: null },
    ],
  ] as const)('for %o is as small as possible', (demand, scope) => {
    expect(of(demand)).toEqual({ connection: demand.connection, permission: demand.permission, scope })
  })

  it('is null for a request that was denied for another reason', () => {
    expect(missingPermission(rowOf({ status: 429, permission: 'read', connection: 'sales' }))).toBeNull()
  })
})

describe('typed limits', () => {
  it('keep the exact bytes of a budget that was not edited', () => {
    const stored = { requests: 5, bytes: 1_000_000_000 }
    const typed = { ...limitValues({ rate: null, budget: stored }), requests: '1,000' }
    expect(typedBudget(typed, stored)).toEqual({ budget: { requests: 1000, bytes: 1_000_000_000 }, problems: [] })
  })

  it('name each input that is not a number above zero', () => {
    const empty = limitValues({ rate: null, budget: null })
    expect(typedBudget({ ...empty, requests: 'many', records: '-1', bytes: '0' }, null).problems).toEqual([
      'requests',
      'records',
      'bytes',
    ])
    expect(typedBudget(empty, null)).toEqual({ budget: null, problems: [] })
  })

  it.each(['1,5', '0,5', '1,0000', '0x10', '1e3', '1.'])('reject %s', (bytes) => {
    expect(typedBudget({ ...limitValues({ rate: null, budget: null }), bytes }, null).problems).toEqual(['bytes'])
  })

  it.each([
    ['1,500', 1500 * 1024 ** 2],
    ['1,000,000.5', 1_048_576_524_288],
    ['0.5', 524_288],
  ])('accept %s with its separators', (bytes, expected) => {
    const typed = { ...limitValues({ rate: null, budget: null }), bytes }
    expect(typedBudget(typed, null)).toEqual({ budget: { bytes: expected }, problems: [] })
  })
})
