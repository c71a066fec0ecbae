import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { findPython } from '../support/python.ts'
import { post, startTestEngine } from '../support/start-test-engine.ts'

const run = promisify(execFile)
const python = findPython()

describe.skipIf(python === null)('the example script of get_proxy_documentation', () => {
  test.each(['read', 'write'] as const)('runs unchanged with a session token that can %s', async (most) => {
    await using engine = await startTestEngine()
    const folder = await mkdtemp(join(tmpdir(), 'hallpass-script-'))
    try {
      const { token } = await engine.owner.sessions.mint({
        project: 'demo',
        document: 'sales',
        permissions: most === 'read' ? ['read'] : ['read', 'write'],
      })
      const documentation = (await (await fetch(`${engine.url}/api/v1/proxy`)).json()) as {
        example_script: string
        base_url: string
      }
      expect(documentation.base_url).toBe(engine.url)
      const file = join(folder, 'script.py')
      await writeFile(file, documentation.example_script)
      const { stdout } = await run(python ?? '', [file, token, documentation.base_url])
      expect(stdout).toContain('Orders')
      expect(stdout).not.toContain(token)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

describe.skipIf(python === null)('the scripts in examples/', () => {
  test('generate, load and export orders, and the log counts them', async () => {
    await using engine = await startTestEngine()
    const folder = await mkdtemp(join(tmpdir(), 'hallpass-examples-'))
    const example = (name: string) => join(import.meta.dirname, '..', '..', 'examples', name)
    try {
      const { token, proxy_url } = await engine.owner.sessions.mint({
        project: 'demo',
        document: 'sales',
        permissions: ['read', 'write'],
      })
      const env = { ...process.env, HALLPASS_TOKEN: token, HALLPASS_URL: engine.url, HALLPASS_PROXY_URL: proxy_url }
      const csv = join(folder, 'orders.csv')
      const generated = await run(python ?? '', [example('generate-orders.py'), '5000'], { maxBuffer: 2 ** 26 })
      await writeFile(csv, generated.stdout)
      const loaded = await run(python ?? '', [example('bulk-load.py'), csv], { env })
      expect(loaded.stdout).toContain('loaded 5,000 rows into Orders')
      const exported = await run(python ?? '', [example('export.py'), 'Orders'], { env, maxBuffer: 2 ** 26 })
      expect(exported.stdout.trimEnd().split('\n')).toHaveLength(1 + 360 + 5000)

      const count = await post(proxy_url, token, {
        method: 'sql_query',
        query: 'select sum(Quantity) q from Orders where id > 360',
      })
      const expected = generated.stdout
        .trimEnd()
        .split('\n')
        .slice(1)
        .reduce((sum, line) => sum + Number(line.split(',')[2]), 0)
      expect(count.body.data).toEqual([{ q: expected }])
      const [row] = await engine.owner.requests.list({ method: 'add_records' })
      expect(row).toMatchObject({ records: 5000, status: 200, resource: 'Orders' })
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
