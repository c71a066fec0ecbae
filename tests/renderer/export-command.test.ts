import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { exportCommand } from '../../src/renderer/features/welcome/export-command.ts'
import { findSample } from '../../src/renderer/features/welcome/find-sample.ts'

const order = { token: 'sess_x', proxyUrl: 'http://127.0.0.1:7717/api/v1/proxy', windows: false }

test.skipIf(process.platform === 'win32').each(["'; touch /tmp/never; '", '$(id)', '`id`', 'a b', '-rf', '"'])(
  'a table named %s stays one shell word',
  (table) => {
    const words = exportCommand({ ...order, table }).replace(/^.*examples\/export\.py /, '')
    expect(execFileSync('sh', ['-c', `printf '%s' ${words}`], { encoding: 'utf8' })).toBe(table)
  },
)

test("a table name can't end a PowerShell string", () => {
  expect(exportCommand({ ...order, table: "a'; calc; '", windows: true })).toContain("export.py 'a''; calc; '''")
})

test('suggests the sample while it exists, then another document, then none', () => {
  const health = { state: 'unknown', checked_at: null, latency_ms: null, message: null } as const
  const base = { target: '', secret: 'none', health, last_used_at: null, created_at: '' }
  const sales = { ...base, name: 'sales', kind: 'sqlite', projects: ['demo'] } as const
  const crm = { ...base, name: 'crm', kind: 'grist', projects: ['work'] } as const
  const api = { ...base, name: 'api', kind: 'http', projects: ['demo'] } as const
  const copy = (...all: readonly (typeof sales | typeof crm | typeof api)[]) =>
    findSample(all.map((one) => ({ ...one, projects: [...one.projects] })))
  expect(copy(api)).toBeNull()
  expect(copy(crm, api)).toEqual({ project: 'work', document: 'crm' })
  expect(copy(crm, sales)).toEqual({ project: 'demo', document: 'sales' })
})
