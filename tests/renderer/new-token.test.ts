import { describe, expect, it } from 'vitest'
import type { Grant } from '../../src/contract/grants.ts'
import type { ConnectionRecord, TokenRecord } from '../../src/contract/records.ts'
import { accessLines } from '../../src/renderer/features/tokens/list/access-summary-line.ts'
import {
  draftLike,
  draftProblems,
  EMPTY_DRAFT,
  presetGrants,
  ttlOf,
} from '../../src/renderer/features/tokens/new/token-draft.ts'
import { accessSentences } from '../../src/renderer/features/tokens/new/token-summary.tsx'
import { runCommand } from '../../src/renderer/features/tokens/client-snippets.ts'

const read = (connection: string): Grant => ({ connection, permissions: ['read'] })
const NOW = Date.parse('2026-06-01T12:00:00Z')

describe('the initial values of a new token', () => {
  it('names each field that prevents creating it', () => {
    const bad = { ...EMPTY_DRAFT, name: 'taken', expiry: 'date', date: '2020-01-31', rate: 'often' }
    const grants: Grant[] = [{ connection: 'sales', permissions: ['read'], tables: [] as unknown as string[] }]
    expect(Object.keys(draftProblems({ ...bad, grants }, ['taken'], NOW)).sort()).toEqual([
      'expiry',
      'grants',
      'name',
      'rate',
    ])
    expect(draftProblems({ ...EMPTY_DRAFT, name: 'fine', rate: '9/s' }, ['taken'], NOW)).toEqual({})
  })

  it("expires at the end of a chosen day, in the viewer's time zone", () => {
    const end = new Date(ttlOf({ ...EMPTY_DRAFT, expiry: 'date', date: '2026-12-20' }))
    expect([end.getDate(), end.getHours(), end.getMinutes()]).toEqual([20, 23, 59])
  })

  it.each([
    ['2026-07-01T12:00:00Z', '30d'],
    ['2026-06-02T00:00:00Z', '12h'],
    ['2026-07-16T12:00:00Z', '45d'],
    ['2026-06-01T12:00:30Z', '30s'],
    [null, 'never'],
  ])('copies the lifetime of a token that expires at %s as %s', (expires, expiry) => {
    const token = { created_at: new Date(NOW).toISOString(), expires_at: expires, kind: 'local', grants: [] }
    expect(draftLike(token as unknown as TokenRecord, EMPTY_DRAFT)).toMatchObject({ expiry, kind: 'local' })
  })

  it('takes only connections that the project has from a preset, by name before kind', () => {
    const connections = [
      { name: 'sales', kind: 'sqlite' },
      { name: 'crm', kind: 'grist' },
    ] as ConnectionRecord[]
    const preset = { name: 'x', by_kind: { sqlite: ['read'], grist: ['read'] }, ttl: null, rate: null } as const
    const grants: Grant[] = [{ connection: 'sales', permissions: ['write'] }, read('gone')]
    expect(presetGrants({ ...preset, by_kind: { sqlite: ['read'], grist: ['read'] }, grants }, connections)).toEqual([
      { connection: 'sales', permissions: ['write'] },
      read('crm'),
    ])
  })
})

describe('sentences about access', () => {
  it('join connections with equal permissions and name what others are limited to', () => {
    const limited: Grant = { connection: 'weather', permissions: ['read', 'write'], paths: ['/v1/*'] }
    expect(accessSentences([read('sales'), read('crm'), limited])).toEqual([
      'read all of sales and crm',
      'read and write /v1/* of weather',
    ])
    expect(accessSentences(['a', 'b', 'c', 'd', 'e'].map(read))).toEqual(['read all of a, b, c and 2 more'])
  })

  it('count connections, not grants, in the list', () => {
    const write: Grant = { connection: 'sales', permissions: ['write'], tables: ['Orders'] }
    expect(accessLines([read('sales'), write, read('crm')])).toEqual(['Read 2, write 1, limited', 'sales and crm'])
    expect(accessLines([write])).toEqual(['Write 1, limited', 'sales › Orders'])
    expect(accessLines([])).toEqual(['No access', ''])
    expect(accessLines(['a', 'b', 'c', 'd'].map(read))[1]).toBe('a, b and 2 more')
  })
})

it('the command that runs a script passes names unchanged, whatever a shell would do with them', () => {
  const sales = { project: 'demo', document: 'sales' }
  expect(runCommand('sh', sales, ['read', 'write'], ['Orders', 'Order lines'])).toBe(
    "hallpass run -p demo --document sales --permissions read,write --resource Orders --resource 'Order lines' -- python3 script.py",
  )
  expect(runCommand('sh', sales, ['read'], ['$(id)'])).toContain("--resource '$(id)' --")
  expect(runCommand('sh', sales, ['read'], ["it's"])).toContain(String.raw`'it'\''s'`)
})
