import { expect, test } from 'vitest'
import type { ConnectionRecord } from '../../src/contract/records.ts'
import { limitSummary } from '../../src/renderer/features/tokens/page/matrix/limit-summary.ts'

const server = { kind: 'mcp', tools: { on: 36, off: 2, review: 0, flagged: 0 } } as unknown as ConnectionRecord
const toolNames = [
  ...Array.from({ length: 12 }, (_, n) => `find_${n}`),
  ...Array.from({ length: 26 }, (_, n) => `set_${n}`),
]
const limited = (tools: string[]) => [{ connection: 'tracker', permissions: ['read' as const], tools }]

test.each([
  [['find_*'], toolNames, '12 of 38 tools, find_*'],
  [['find_*'], undefined, 'find_*'],
  [['set_1', 'find_*'], undefined, '1 tool, find_*'],
  [['set_1', 'set_2'], undefined, '2 of 38 tools'],
  [['gone_*'], toolNames, '0 of 38 tools, gone_*'],
])('tools %j are counted only where it is known what a pattern covers', (tools, known, summary) => {
  expect(limitSummary(server, limited(tools), known)).toBe(summary)
})

test('tables and paths are counted and named', () => {
  const document = { kind: 'grist', tools: null } as unknown as ConnectionRecord
  const api = { kind: 'http', tools: null } as unknown as ConnectionRecord
  const grant = { connection: 'x', permissions: ['write' as const] }
  expect(limitSummary(document, [{ ...grant, tables: ['Orders'] }], ['Orders', 'Customers', 'Products'])).toBe(
    '1 of 3 tables',
  )
  expect(limitSummary(document, [grant], undefined)).toBe('all tables')
  expect(limitSummary(api, [{ ...grant, paths: ['/a/*', '/b', '/c'] }], undefined)).toBe('/a/*, /b, 1 more')
  expect(limitSummary(api, [], undefined)).toBe('No access')
})
